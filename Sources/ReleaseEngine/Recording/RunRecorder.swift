public import GatewayAPI
public import RunJournal
internal import Synchronization

/// Opens the journal's store; asked often, it opens once.
public typealias JournalOpening = @Sendable () async throws -> any JournalStore

/// Writes down what a run asks and does, and gives a replayed script what it got before.
///
/// Everything that a script cannot know by itself passes through here: reads and changes of the gateway, clocks, waits,
/// questions to people, probes, random names.
public final class RunRecorder: Sendable {
  /// When something began that is carried out now.
  public struct Begin: Sendable {
    /// Before an interruption, perhaps long ago.
    public let time: Timestamp
    /// Whether it began before the process did: nobody knows how far it came.
    public let isResumed: Bool
    /// The intent's place in the journal.
    public let sequence: Int64
    /// What the journal keeps with the intent.
    public let details: Document
  }

  private struct State: Sendable {
    var replay: Replay
    var clocks = ClockReadings()
    var occurrences: [Replay.Key: Int] = [:]
    var nextSequence: Int64
    /// Entries on their way to the store.
    var pending: [JournalEntry] = []
    var isReplayOnly = false
    var lastChange: Timestamp?
    var failures = TrailingFailures()
    /// Tasks that have gone beyond what the journal has of them.
    var live: Set<String> = []

    /// Gives an entry its place.
    @discardableResult
    mutating func append(_ entry: JournalEntry, keeping: Bool) -> JournalEntry {
      var entry = entry
      entry.sequence = nextSequence
      nextSequence += 1
      if keeping { pending.append(entry) }
      return entry
    }
  }

  private let state: Mutex<State>
  private let writer: JournalWriter?
  private let now: @Sendable () -> Timestamp
  private let standIn: (@Sendable (RecordedCall) throws -> Document?)?

  /// - Parameters:
  ///   - store: where the entries go, opened with the first of them; nil keeps none.
  ///   - run: the run; entered in the journal with its first entry, when it is new.
  ///   - entries: what the journal holds of the run already: the replay.
  ///   - last: the last sequence in the journal, where it is not replayed.
  ///   - crashAfter: kills the process as soon as this entry is durable, and none behind it: a test's power failure.
  ///   - standIn: answers in place of the world, as in a plan; nil for what the world is to be asked all the same. Is
  ///     told of marks, too.
  public init(
    store: JournalOpening? = nil, run: RunRecord? = nil, replaying entries: [JournalEntry] = [],
    behind last: Int64 = 0, now: @escaping @Sendable () -> Timestamp = { Timestamp.now() }, crashAfter: Int64? = nil,
    standIn: (@Sendable (RecordedCall) throws -> Document?)? = nil
  ) {
    state = Mutex(State(replay: Replay(entries), nextSequence: max(last, entries.last?.sequence ?? 0) + 1))
    let isNew = last == 0 && entries.isEmpty
    writer =
      if let store, let run { JournalWriter(store: store, run: run, isNew: isNew, crashAfter: crashAfter) } else { nil }
    self.now = now
    self.standIn = standIn
  }

  /// Whether the script is still told what it was told before.
  public var isReplaying: Bool { state.withLock { $0.replay.isGoingOn } }

  // MARK: - What is answered at once

  /// Asks for something that has neither duration nor effect, or gives what was answered before.
  ///
  /// The answer is durable before anything is done that comes behind it, not before it is returned.
  ///
  /// - Throws: what `live` throws; a ``GatewayError`` is journalled and thrown again in a replay.
  public func answer(
    _ call: RecordedCall, live: () async throws -> Document
  ) async throws -> Document {
    if let answer = try standIn?(call) { return answer }
    if let item = try take(call) {
      let result = Self.result(of: item.entry)
      noteReplayed(result, item.entry, call)
      return try result.get()
    }
    do {
      let answer = try await live()
      note(.answer, call, ["answer": answer])
      return answer
    } catch let error as GatewayError {
      refuse(call, error)
      throw error
    }
  }

  /// The same for what is known at once.
  public func answer(_ call: RecordedCall, live: () -> Document) throws -> Document {
    if let answer = try standIn?(call) { return answer }
    if let item = try take(call) { return try Self.result(of: item.entry).get() }
    let answer = live()
    note(.answer, call, ["answer": answer])
    return answer
  }

  /// The time of day as the script is to see it.
  public func time(_ origin: CallOrigin? = nil) throws -> Timestamp {
    let answer = try answer(RecordedCall("now", origin: origin)) { .string(now().text) }
    return answer.stringValue.flatMap(Timestamp.init(_:)) ?? now()
  }

  /// What `os.time` shows in a branch: whole seconds since 1970.
  public func timeReading(branch: String) -> Double {
    reading(ofProcessor: false, branch: branch) { Double(now().seconds) }
  }

  /// What `os.time` and `os.clock` show in a branch.
  ///
  /// - Parameter live: what the clock shows now.
  public func reading(ofProcessor: Bool, branch: String, live: () -> Double) -> Double {
    let key = ClockReadings.Key(clock: ofProcessor ? .processorTime : .time, branch: branch)
    return state.withLock { state in
      let number = state.clocks.count(key)
      if state.replay.isGoingOn, !state.live.contains(branch), let value = state.replay.reading(key, number: number) {
        return value
      }
      let value = live()
      guard state.clocks.note(key, value) else { return value }
      let reading = ClockReadings.Reading(key: key, first: number, value: value)
      state.append(
        JournalEntry(
          sequence: 0, kind: .answer, time: now(), branch: branch, operation: key.clock.rawValue,
          occurrence: number, title: key.clock.rawValue, body: reading.body), keeping: writer != nil)
      return value
    }
  }

  // MARK: - What has a beginning and an end

  /// Where something that a script asks for stands.
  public enum Stage: Sendable {
    /// The journal does not have it.
    case new
    /// It was begun by a process that did not see its end.
    case open(Begin)
    case ended(End)
  }

  /// How something ended.
  public struct End: Sendable {
    public let begin: Begin
    public let result: Result<Document, GatewayError>
    /// What was kept beside the result.
    public let notes: Document
  }

  /// Where a call stands; each that the journal has is given once.
  ///
  /// - Throws: ``RunDivergence`` when the branch did something else before; ``ReplayEnd``.
  public func stage(of call: RecordedCall) throws -> Stage {
    guard let item = try take(call) else {
      try refuseDivergence(call)
      if state.withLock({ $0.isReplayOnly }) { throw ReplayEnd() }
      return .new
    }
    let begin = Begin(
      time: item.entry.time, isResumed: true, sequence: item.entry.sequence,
      details: item.entry.body["details"] ?? .null)
    // It failed before it was begun.
    if item.entry.kind == .answer {
      let result = Self.result(of: item.entry)
      noteReplayed(result, item.entry, call)
      return .ended(End(begin: begin, result: result, notes: .null))
    }
    guard let outcome = item.outcome else {
      if state.withLock({ $0.isReplayOnly }) { throw ReplayEnd() }
      return .open(begin)
    }
    noteChange(call, at: outcome.time)
    let result = Self.result(of: outcome)
    noteReplayed(result, outcome, call)
    return .ended(End(begin: begin, result: result, notes: outcome.body["notes"] ?? .null))
  }

  /// Writes down that something failed before it was begun, so that a replay fails with it in the same way.
  public func refuse(_ call: RecordedCall, _ error: GatewayError) {
    let entry = note(.answer, call, ["error": error.document])
    state.withLock { $0.failures.note(error, at: entry.sequence, in: call.origin.branch) }
  }

  /// Writes down that something begins. Returns when that is durable.
  ///
  /// - Parameter details: what the journal keeps with the intent and a replay does not compare.
  /// - Throws: ``JournalError``.
  public func begin(_ call: RecordedCall, details: Document = .null) async throws -> Begin {
    let entry = note(.intent, call, ["arguments": call.arguments, "details": details])
    try await flush()
    return Begin(time: entry.time, isResumed: false, sequence: entry.sequence, details: details)
  }

  /// Writes down how something ended. Returns when that is durable.
  ///
  /// - Parameter notes: what the journal keeps beside the result.
  /// - Throws: ``JournalError``.
  public func end(
    _ call: RecordedCall, _ begin: Begin, _ result: Result<Document, GatewayError>, notes: Document = .null
  ) async throws {
    var body: [String: Document] = [:]
    switch result {
    case .success(let answer): body["answer"] = answer
    case .failure(let error): body["error"] = error.document
    }
    if notes != .null { body["notes"] = notes }
    let entry = note(.outcome, call, .object(body), refersTo: begin.sequence)
    noteChange(call, at: entry.time)
    if case .failure(let error) = result {
      state.withLock { $0.failures.note(error, at: entry.sequence, in: call.origin.branch) }
    }
    try await flush()
  }

  /// Carries something out, or gives the end that it had before.
  ///
  /// That it begins is durable before `live` is called, how it ended before this returns. What `live` throws other than
  /// a ``GatewayError`` leaves it open: a resumed run carries it out again, and is told so.
  ///
  /// - Parameter live: what to do; gets when it began.
  /// - Throws: what `live` throws; ``RunDivergence``; ``JournalError``.
  public func carryOut(_ call: RecordedCall, live: (Begin) async throws -> Document) async throws -> Document {
    if let answer = try standIn?(call) { return answer }
    let begin: Begin
    switch try stage(of: call) {
    case .ended(let end): return try end.result.get()
    case .open(let open): begin = open
    case .new: begin = try await self.begin(call)
    }
    let result: Result<Document, GatewayError>
    do { result = .success(try await live(begin)) } catch let error as GatewayError { result = .failure(error) }
    try await end(call, begin, result)
    return try result.get()
  }

  /// The entries by which this error came into the run, in all tasks whose last word it was.
  public func entries(with error: GatewayError) -> [Int64] { state.withLock { $0.failures.entries(with: error) } }

  private func noteReplayed(_ result: Result<Document, GatewayError>, _ entry: JournalEntry, _ call: RecordedCall) {
    state.withLock { state in
      switch result {
      case .success: state.failures.clear(call.origin.branch)
      case .failure(let error): state.failures.note(error, at: entry.sequence, in: call.origin.branch)
      }
    }
  }

  /// When a change of a gateway ended last, well or not; nil before the first.
  public var lastChange: Timestamp? { state.withLock { $0.lastChange } }

  /// The time, for what is carried out now; a script must not learn it.
  public var currentTime: Timestamp { now() }

  /// What is left now of a time that began then: at most all of it, whatever happened to the clock.
  public func remainder(of duration: Duration, since begin: Timestamp) -> Duration {
    let now = now()
    let passed =
      Duration.seconds(now.seconds - begin.seconds) + .nanoseconds(Int64(now.nanoseconds - begin.nanoseconds))
    return min(duration, max(.zero, duration - passed))
  }

  private func noteChange(_ call: RecordedCall, at time: Timestamp) {
    guard OperationCatalog.writes.contains(call.operation) || call.operation == "undo" else { return }
    state.withLock { $0.lastChange = max($0.lastChange ?? time, time) }
  }

  /// Writes down that a part of the run begins or ends; a replay does not write it again.
  public func mark(_ operation: String, _ body: Document = .null, title: String = "", origin: CallOrigin? = nil) {
    _ = try? standIn?(RecordedCall(operation, body, title: title, origin: origin))
    state.withLock { state in
      let origin = origin ?? .current
      guard !state.replay.isGoingOn || state.live.contains(origin.branch) else { return }
      state.append(
        JournalEntry(
          sequence: 0, kind: .mark, time: now(), branch: origin.branch, operation: operation, title: title,
          place: origin.place, body: body), keeping: writer != nil)
    }
  }

  /// Writes down that a process began to work on the run, or stops.
  public func markProcess(_ operation: String, _ body: Document) async throws {
    _ = state.withLock { state in
      state.append(
        JournalEntry(sequence: 0, kind: .process, time: now(), operation: operation, title: operation, body: body),
        keeping: writer != nil)
    }
    try await flush()
  }

  /// Whether the journal holds anything of the run.
  public var isKept: Bool {
    get async { await writer?.isKept ?? false }
  }

  /// Whether something is noted that is no answer.
  public var hasNotes: Bool { state.withLock { $0.pending.contains { $0.kind != .answer } } }

  /// Forgets what was asked and answered and is not in the journal yet: a run that changed nothing needs no replay.
  public func forgetAnswers() { state.withLock { $0.pending.removeAll { $0.kind == .answer } } }

  /// Returns when everything noted so far is durable.
  ///
  /// - Throws: ``JournalError``.
  public func flush() async throws {
    try await writer?.write {
      self.state.withLock { state in
        defer { state.pending = [] }
        return state.pending
      }
    }
  }

  // MARK: - Replays

  /// From now on whatever the journal does not have is a ``ReplayEnd``: nothing new is asked or done.
  public func endAfterReplay() { state.withLock { $0.isReplayOnly = true } }

  /// Whether the journal has intents that the script has not asked for again.
  public var hasUnaskedIntents: Bool { state.withLock { !$0.replay.untakenIntents.isEmpty } }

  /// - Throws: ``RunDivergence`` when the journal has intents that the script, at its end, has not asked for again.
  public func checkReplayed() throws {
    guard let item = state.withLock({ $0.replay.untakenIntents.first }) else { return }
    throw RunDivergence(journal: item.entry.title, journalPlace: item.entry.place, script: nil)
  }

  /// Adds the proof of a lease: what is written from now on is refused when the lease is another's by then.
  public func addFence(_ fence: Fence) async { await writer?.addFence(fence) }

  private func take(_ call: RecordedCall) throws -> Replay.Item? {
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
  private func refuseDivergence(_ call: RecordedCall) throws {
    try state.withLock { state in
      guard state.replay.isGoingOn, let expected = state.replay.expected(in: call.origin.branch) else { return }
      throw RunDivergence(
        journal: expected.entry.title, journalPlace: expected.entry.place, script: call.title,
        place: call.origin.place)
    }
  }

  @discardableResult
  private func note(
    _ kind: JournalEntry.Kind, _ call: RecordedCall, _ body: Document, refersTo: Int64? = nil
  ) -> JournalEntry {
    state.withLock { state in
      let key = Replay.Key(call)
      var occurrence = 0
      if kind != .outcome {
        occurrence = state.occurrences[key, default: 0]
        state.occurrences[key] = occurrence + 1
        state.live.insert(call.origin.branch)
      }
      if body["error"] == nil { state.failures.clear(call.origin.branch) }
      return state.append(
        JournalEntry(
          sequence: 0, kind: kind, time: now(), branch: call.origin.branch, operation: call.operation,
          digest: key.digest, occurrence: occurrence, refersTo: refersTo, title: call.title,
          place: call.origin.place, body: body), keeping: writer != nil)
    }
  }

  private static func result(of entry: JournalEntry) -> Result<Document, GatewayError> {
    if let answer = entry.body["answer"] { return .success(answer) }
    return .failure(
      entry.body["error"].flatMap(GatewayError.init(document:))
        ?? GatewayError(kind: .unavailable, message: "the journal's entry cannot be read"))
  }
}

/// A replay that must not go beyond its journal has come to the journal's end.
public struct ReplayEnd: Error, Sendable {
  public init() {}
}
