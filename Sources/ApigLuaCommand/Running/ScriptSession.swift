internal import GatewayAPI
internal import GatewayScripting
internal import LuaRuntime
internal import ReleaseEngine
internal import RunJournal

/// One run of one script, from its text to its exit status.
struct ScriptSession: Sendable {
  let configuration: SessionConfiguration
  let start: RunStart
  let modules: LuaModuleFolder?
  /// The package whose entry point the script is; nil for the operator's own script.
  var package: ScriptPackage?
  /// What an earlier process left of this run; nil for a new one.
  var earlier: EarlierRun?

  var settings: Settings { configuration.settings }
  var style: Style { configuration.style }

  /// Runs the script, reports on it, and says how it ended.
  func run() async -> ExitStatus {
    let began = Timestamp.now()
    let parts = RunParts(self)
    let facts = parts.context.facts
    parts.reporter.emit(
      EventDocument(
        "run",
        ["run": .string(facts.id), "gateway": .string(facts.gateway), "script": .string(start.chunk.name)],
        ["env": facts.environment, "plan": start.plan?.id]))
    parts.reporter.begin { await parts.connections.statistics() }
    if let earlier { parts.reporter.announce(earlier.announcement(of: start.chunk.name, MomentText(.error))) }
    let script = Task {
      if earlier != nil { try await parts.journal.takeOver("resume") }
      return try await parts.runner.run(start.chunk, in: parts.context, arguments: start.arguments)
    }
    let stop = RunStop(script: script, gate: parts.gate, settings: settings, style: style)
    let signals = SignalWatch { stop.request() }
    stop.onGoingOn { signals.forget() }
    var result = await script.result
    await stop.isSettled()
    await undo(behind: result, parts, stop: stop)
    if case .success = result {
      do { try await parts.checkSuccess() } catch { result = .failure(error) }
    }
    // Someone who wants to stop, or has just lost the gateway, does not wait for a nicer report.
    let asks = signals.received == nil && !Self.hasLostTheGateway(result)
    let changes = await parts.connections.changes(asking: asks)
    let end = RunEnd(
      facts: parts.context.facts, seconds: began.seconds(until: .now()), result: result, changes: changes,
      statistics: await parts.connections.statistics(), signal: signals.received, undoProblem: stop.undoProblem,
      startedAt: parts.journal.record.startedAt)
    let problem = await parts.close(end)
    signals.stop()
    return await report(end, parts, journalProblem: problem)
  }

  /// Tells how the run ended.
  ///
  /// - Parameter journalProblem: why that could not be kept.
  private func report(_ end: RunEnd, _ parts: RunParts, journalProblem problem: (any Error)?) async -> ExitStatus {
    let reporter = parts.reporter
    reporter.end(isGood: end.status.isGood)
    let holder = try? await HoldingRun(end.error, in: parts.journal.store)
    let status = problem != nil && end.status == .ok ? .internalError : end.status
    let account = RunAccount(
      end, reporter, script: start.chunk.name, path: start.path, workingFolder: configuration.process.folder,
      status: status)
    end.write(
      settings: settings, reporter: reporter, account: account, chunks: parts.chunks,
      isResumable: parts.journal.isResumable(end),
      script: start.words(in: configuration.process.folder), holder: holder)
    account.write(settings.reports, style)
    if let problem { ErrorReport(error: problem, style: style).tell() }
    for remark in configuration.instruments.remarks(isVerbose: settings.isVerbose) {
      StandardStream.error.write(remark + "\n")
    }
    reporter.conclude(end.resultLine(status))
    return status
  }

  /// Undoes what the script could not undo itself: because a limit ended it, or because the person who stopped it wants
  /// that.
  private func undo(
    behind result: Result<Document, any Error>, _ parts: RunParts, stop: RunStop
  ) async {
    var wanted: [UndoScope] = []
    if case .failure(let error) = result, (error as? LuaError)?.code == .limit { wanted = parts.scopes.outermost }
    if stop.wantsUndo { wanted = [.wholeRun] }
    guard !wanted.isEmpty else { return }
    do {
      try await parts.journal.turnToUndo()
      for scope in wanted { _ = try await parts.connections.undo(scope) }
    } catch {
      stop.undoProblem = error
    }
  }

  private static func hasLostTheGateway(_ result: Result<Document, any Error>) -> Bool {
    guard case .failure(let error) = result, let cause = (error as? LuaError)?.underlying as? GatewayError else {
      return false
    }
    return cause.meansLostGateway
  }
}

extension GatewayError {
  /// Whether it is about the way to the gateway rather than about what was asked: the same may work later.
  var meansLostGateway: Bool {
    [.unavailable, .timeout, .throttled, .unknownOutcome].contains(kind) && !isAboutSomethingElse
  }

  /// Whether it is about another server, or a condition of the script's own.
  var isAboutSomethingElse: Bool { operation == "wait_until" || operation?.hasPrefix("http.") == true }
}
