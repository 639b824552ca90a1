public import GatewayAPI
internal import RunJournal
internal import Synchronization

/// What the journal of an earlier process has to say.
extension RunRecorder {
  /// Whether the script is still told what it was told before.
  public var isReplaying: Bool { state.withLock { $0.replay.isGoingOn } }

  /// The entries by which this error came into the run, in all tasks whose last word it was.
  public func entries(with error: GatewayError) -> [Int64] { state.withLock { $0.failures.entries(with: error) } }

  /// From now on whatever the journal does not have is a ``ReplayEnd``: nothing new is asked or done.
  public func endAfterReplay() { state.withLock { $0.isReplayOnly = true } }

  /// Whether the journal has intents that the script has not asked for again.
  public var hasUnaskedIntents: Bool { state.withLock { !$0.replay.untakenIntents.isEmpty } }

  /// The intents of the journal that the script has not asked for again.
  var unaskedIntents: [JournalEntry] { state.withLock { $0.replay.untakenIntents.map(\.entry) } }

  /// - Throws: ``RunDivergence`` when the journal has intents that the script, at its end, has not asked for again.
  public func checkReplayed() throws {
    guard let item = state.withLock({ $0.replay.untakenIntents.first }) else { return }
    throw RunDivergence(journal: item.entry.title, journalPlace: item.entry.place, script: nil)
  }

  /// Whether the journal of a run that goes on has a call that was not asked for again.
  func holds(_ call: RecordedCall) -> Bool { state.withLock { $0.replay.holds(Replay.Key(call)) } }

  func take(_ call: RecordedCall) throws -> Replay.Item? {
    try state.withLock { state in
      guard state.replay.isGoingOn || state.isReplayOnly else { return nil }
      let key = Replay.Key(call)
      if let item = state.replay.take(key) {
        state.occurrences[key, default: 0] += 1
        return item
      }
      if state.isReplayOnly, !state.replay.isGoingOn { throw ReplayEnd() }
      return nil
    }
  }

  /// - Throws: ``RunDivergence`` when the branch did something else before.
  func refuseDivergence(_ call: RecordedCall) throws {
    try state.withLock { state in
      guard state.replay.isGoingOn, let expected = state.replay.expected(in: call.origin.branch) else { return }
      throw RunDivergence(
        journal: expected.entry.title, journalPlace: expected.entry.place, script: call.title,
        place: call.origin.place)
    }
  }

  func noteReplayed(_ result: Result<Document, GatewayError>, _ entry: JournalEntry, _ call: RecordedCall) {
    state.withLock { state in
      switch result {
      case .success: state.failures.clear(call.origin.branch)
      case .failure(let error): state.failures.note(error, at: entry.sequence, in: call.origin.branch)
      }
    }
  }

  static func result(of entry: JournalEntry) -> Result<Document, GatewayError> {
    if let answer = entry.body["answer"] { return .success(answer) }
    return .failure(
      entry.body["error"].flatMap(GatewayError.init(document:))
        ?? GatewayError(kind: .unavailable, message: "the journal's entry cannot be read"))
  }
}

/// A replay that must not go beyond its journal has come to the journal's end.
public struct ReplayEnd: Error, Sendable {
  /// Whether it cannot even come to the journal's end, as something is missing that only the run itself may ask for.
  public let isEarly: Bool

  public init(isEarly: Bool = false) { self.isEarly = isEarly }
}
