internal import GatewayAPI
internal import Glibc
internal import GatewayScripting
internal import LuaRuntime
internal import ReleaseEngine
internal import RunJournal

/// The journal of one run: opened with the first thing that has to be kept, closed with how the run ended.
struct RunJournaling: Sendable {
  let recorder: RunRecorder
  let record: RunRecord
  /// Opens the journal.
  let store: JournalOpening
  private let keepsRuns: Bool
  /// Whether it is the user's own, in which a run that breaks off is found again.
  private let isOwn: Bool

  /// - Parameters:
  ///   - keepsRuns: whether the run really happens; one whose answers come from a cassette does not.
  ///   - crashAfter: ends the process at once when that entry is durable: a test's power failure.
  ///   - store: opens the journal; nil for the user's own.
  ///   - now: what the entries' times are read off.
  init(
    settings: Settings, record: RunRecord, earlier: EarlierRun?, keepsRuns: Bool = true, crashAfter: Int64?,
    behind last: Int64 = 0, store: JournalOpening? = nil, now: @escaping @Sendable () -> Timestamp = { .now() }
  ) {
    let journal = OpenJournal(settings.variables)
    // What was typed is not kept: a session can only be undone.
    let isSession = (try? record.recordedStart)?.isSession ?? false
    self.store =
      store ?? {
        let opened = try await journal.opened()
        if keepsRuns { isSession ? CrashFile.note(undoOf: record.id) : CrashFile.note(run: record.id) }
        return opened
      }
    isOwn = store == nil && keepsRuns
    if isOwn, earlier != nil { CrashFile.note(run: record.id) }
    self.record = record
    self.keepsRuns = keepsRuns
    recorder = RunRecorder(
      store: keepsRuns ? self.store : nil, run: record, replaying: earlier?.entries ?? [],
      behind: last, now: now,
      crashAfter: crashAfter)
  }

  /// Enters that this process goes on with a run that another began.
  ///
  /// - Throws: `JournalError`.
  func takeOver(_ operation: String) async throws {
    // The journal takes each entry once: of two processes that go on with one run, one learns here that it came second.
    try await recorder.markProcess(
      operation, ["host": .string(record.host), "process": .integer(Int64(record.process.number))])
    if isOwn, operation == "rollback" { CrashFile.note(undoOf: record.id) }
    var record = record
    record.state = .running
    try await store().update(record)
  }

  /// Enters that from here on the run can only be undone: no process may go forward with it.
  ///
  /// - Throws: `JournalError`.
  func turnToUndo() async throws {
    guard await recorder.isKept else { return }
    try await recorder.markProcess("rollback", .object([:]))
    if isOwn { CrashFile.note(undoOf: record.id) }
  }

  /// Enters how the run ended.
  ///
  /// - Returns: why that could not be kept.
  func close(_ end: RunEnd) async -> (any Error)? {
    guard keepsRuns else { return nil }
    defer { if isOwn { CrashFile.forgetRun() } }
    do {
      if await !recorder.isKept { recorder.forgetAnswers() }
      if await !recorder.isKept, end.changes.apis.isEmpty, end.changes.others.isEmpty, !recorder.hasNotes {
        return nil
      }
      try await recorder.markProcess("stop", stopBody(end))
      var record = record
      record.state =
        isResumable(end) ? .stopped : end.changes.holdUndone && !end.changes.areKept ? .rolledBack : .finished
      record.endedAt = recorder.currentTime
      record.exitCode = end.status.rawValue
      record.summary = end.summary
      try await store().update(record)
      return nil
    } catch {
      return error
    }
  }

  /// Enters how an undo without the script ended.
  ///
  /// - Throws: `JournalError`.
  func finishRollback(_ status: ExitStatus, summary: Document, hasUndone: Bool) async throws {
    try await recorder.markProcess("stop", ["exit": .integer(Int64(status.rawValue))])
    var record = record
    // What was undone cannot go on; a run of which nothing was undone is what it was.
    if hasUndone { record.state = .rolledBack }
    record.endedAt = recorder.currentTime
    record.exitCode = status.rawValue
    record.summary = summary
    try await store().update(record)
  }

  /// Puts the record back as it was, when an undo could not even begin.
  func leave(_ record: RunRecord) async { try? await store().update(record) }

  private func stopBody(_ end: RunEnd) -> Document {
    var body: [String: Document] = ["exit": .integer(Int64(end.status.rawValue))]
    if isResumable(end), let error = end.gatewayError {
      // What stopped the run is tried again when it goes on.
      body["reopened"] = .array(recorder.entries(with: error).map(Document.integer))
    }
    if let message = end.message { body["message"] = .string(message) }
    return .object(body)
  }

  /// Whether the run can go on where it stopped.
  func isResumable(_ end: RunEnd) -> Bool {
    guard let error = end.error, !end.changes.holdUndone, !end.changes.holdFailedUndos else { return false }
    if error is CancellationError || error is RunDivergence || error is JournalError { return true }
    if error is EnvironmentHeld, end.changes.areKept { return true }
    // It failed before it came as far as it had been.
    if recorder.hasUnaskedIntents { return true }
    if let lua = error as? LuaError {
      if [.cancelled, .limit, .interpreterCrashed, .internalFailure].contains(lua.code) { return true }
    }
    return end.gatewayError?.meansLostGateway ?? false
  }
}

extension EnvironmentVariables {
  /// After which entry of the journal the process is to die as by a power failure: for tests of what comes after.
  var crashAfterEntry: Int64? { self["APIG_LUA_CRASH_AFTER_ENTRY"].flatMap(Int64.init) }
}
