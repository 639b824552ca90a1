internal import GatewayAPI
internal import GatewayClient
internal import GatewayScripting
internal import ReleaseEngine
internal import RunJournal

/// The undo of a run whose script is not run again: its journal tells what it changed.
struct RunRollback: Sendable {
  let settings: Settings
  let style: Style
  let record: RunRecord
  /// The record before this process took over.
  let earlier: RunRecord
  let entries: [JournalEntry]
  /// Whether only what an undo before could not put back is tried.
  let onlyFailed: Bool
  let instruments: RunInstruments
  let crashAfter: Int64?

  /// - Returns: 0 when everything is as it was, 5 when not.
  func run() async throws -> ExitStatus {
    let began = Timestamp.now()
    let reporter = RunReporter(
      settings: settings, style: style,
      header: "\(settings.gatewayName) \(style.separator) \(record.command)   undo of run \(record.id)")
    let journal = RunJournaling(
      settings: settings, record: record, earlier: nil, crashAfter: crashAfter, behind: entries.last?.sequence ?? 0)
    let connections = GatewayConnections(
      settings: settings, instruments: instruments, journal: journal, gate: ChangeGate(), scopes: UndoScopes(),
      approvals: Approvals(settings: settings, recorder: journal.recorder, script: record.command, folder: "."),
      onEvent: { reporter.handle($0) }, onClientEvent: { reporter.handle($0) })
    let signals = SignalWatch {
      StandardStream.error.write(
        "  an undo is not stopped half-way; again to leave it: apig-lua rollback goes on with it\n")
    }
    reporter.emit(
      EventDocument(
        "rollback", ["run": .string(record.id), "gateway": .string(record.gateway)], ["env": record.environment]))
    reporter.begin { await connections.statistics() }
    let result: Result<Void, any Error>
    do {
      for name in entries.changedGateways { await (try await connections.run(name)).restore(entries) }
      try await journal.takeOver("rollback")
      _ = try await connections.undo(onlyFailed ? .failedUndos : .wholeRun)
      result = .success(())
    } catch {
      result = .failure(error)
    }
    let changes = await connections.changes(asking: false)
    reporter.end(isGood: true)
    let end = RunEnd(
      facts: RunFacts(
        id: record.id, user: record.user, startedAt: began.text, gateway: settings.gatewayName,
        environment: settings.environment),
      seconds: began.seconds(until: .now()), result: result.map { .null }, changes: changes,
      statistics: await connections.statistics(), signal: nil, startedAt: record.startedAt)
    let status: ExitStatus =
      if case .failure(let error) = result {
        ExitStatus(error: error, changes: RunChanges(), signal: nil)
      } else {
        changes.areKept ? .undoIncomplete : .ok
      }
    switch result {
    case .success:
      let hasUndone = changes.holdUndone || changes.holdFailedUndos
      try await journal.finishRollback(status, summary: end.summary, hasUndone: hasUndone || !changes.areKept)
    case .failure(is EnvironmentHeld): await journal.leave(earlier)
    case .failure: break
    }
    await connections.releaseLocks()
    await connections.close()
    signals.stop()
    let account = RunAccount(end, reporter, script: record.command, isUndo: true, status: status)
    end.writeRollback(settings: settings, reporter: reporter, account: account)
    account.write(settings.reports, style)
    try result.get()
    reporter.conclude(end.resultLine(status))
    return status
  }
}
