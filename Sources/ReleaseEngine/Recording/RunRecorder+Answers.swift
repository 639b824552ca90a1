public import GatewayAPI
internal import RunJournal
internal import Synchronization

/// What is answered at once, and what clocks show.
extension RunRecorder {
  /// Asks for something that has neither duration nor effect, or gives what was answered before.
  ///
  /// The answer is durable before anything is done that comes behind it, not before it is returned.
  ///
  /// - Throws: what `live` throws; a `GatewayError` is journalled and thrown again in a replay; `JournalError`.
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
      try note(.answer, call, ["answer": answer])
      return answer
    } catch let error as GatewayError {
      try refuse(call, error)
      throw error
    }
  }

  /// The same for what is known at once.
  public func answer(_ call: RecordedCall, live: () -> Document) throws -> Document {
    if let answer = try standIn?(call) { return answer }
    if let item = try take(call) { return try Self.result(of: item.entry).get() }
    let answer = live()
    try note(.answer, call, ["answer": answer])
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
}
