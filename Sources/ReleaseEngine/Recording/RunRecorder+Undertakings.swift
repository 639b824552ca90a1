public import GatewayAPI
internal import RunJournal
internal import Synchronization

/// What has a beginning and an end.
extension RunRecorder {
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
  ///
  /// - Throws: `JournalError`.
  public func refuse(_ call: RecordedCall, _ error: GatewayError) throws {
    let entry = try note(.answer, call, ["error": error.document])
    state.withLock { $0.failures.note(error, at: entry.sequence, in: call.origin.branch) }
  }

  /// Writes down that something begins. Returns when that is durable.
  ///
  /// - Parameter details: what the journal keeps with the intent and a replay does not compare.
  /// - Throws: `JournalError`.
  public func begin(_ call: RecordedCall, details: Document = .null) async throws -> Begin {
    let entry = try note(.intent, call, ["arguments": call.arguments, "details": details])
    try await flush()
    return Begin(time: entry.time, isResumed: false, sequence: entry.sequence, details: details)
  }

  /// Writes down how something ended. Returns when that is durable.
  ///
  /// - Parameter notes: what the journal keeps beside the result.
  /// - Throws: `JournalError`.
  public func end(
    _ call: RecordedCall, _ begin: Begin, _ result: Result<Document, GatewayError>, notes: Document = .null
  ) async throws {
    var body: [String: Document] = [:]
    switch result {
    case .success(let answer): body["answer"] = answer
    case .failure(let error): body["error"] = error.document
    }
    if notes != .null { body["notes"] = notes }
    let entry = try note(.outcome, call, .object(body), refersTo: begin.sequence)
    noteChange(call, at: entry.time)
    if case .failure(let error) = result {
      state.withLock { $0.failures.note(error, at: entry.sequence, in: call.origin.branch) }
    }
    try await flush()
  }

  /// Carries something out, or gives the end that it had before.
  ///
  /// That it begins is durable before `live` is called, how it ended before this returns. What `live` throws other than
  /// a `GatewayError` leaves it open: a resumed run carries it out again, and is told so.
  ///
  /// - Parameter live: what to do; gets when it began.
  /// - Throws: what `live` throws; ``RunDivergence``; `JournalError`.
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

  func noteChange(_ call: RecordedCall, at time: Timestamp) {
    guard OperationCatalog.writes.contains(call.operation) || call.operation == "undo" else { return }
    state.withLock { $0.lastChange = max($0.lastChange ?? time, time) }
  }
}
