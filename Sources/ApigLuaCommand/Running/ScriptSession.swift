internal import GatewayAPI
internal import GatewayScripting
internal import LuaRuntime
internal import ReleaseEngine
internal import RunJournal

/// One run of one script, from its text to its exit status.
struct ScriptSession: Sendable {
  let settings: Settings
  let instruments: RunInstruments
  let style: Style
  let process: ProcessFacts
  let limits: LuaLimits
  let isIsolated: Bool
  let start: RunStart
  let modules: LuaModuleFolder?
  /// What an earlier process left of this run; nil for a new one.
  var earlier: EarlierRun?

  /// The playbook's own help.
  ///
  /// - Throws: ``LuaError`` when the script fails before it declares its parameters.
  func help(script: String) async throws -> String {
    let recorder = RunRecorder()
    let context = ScriptContext(
      mode: .describe, facts: facts(id: "r-0000000000"),
      output: RunReporter(settings: settings, style: style, header: ""), recorder: recorder,
      run: { _ in throw CancellationError() })
    let description = try await runner(LoadedChunks(start.chunk), recorder).describe(start.chunk, in: context)
    return ParameterHelp(script: script, description: description).text
  }

  /// Runs the script, reports on it, and says how it ended.
  func run() async -> ExitStatus {
    let began = Timestamp.now()
    let facts = facts(id: instruments.runID.description)
    let title = [
      settings.gatewayName, settings.environment, start.chunk.name, start.plan.map { "plan \($0.id)" },
    ].compactMap(\.self)
    let reporter = RunReporter(
      settings: settings, style: style,
      header: "\(title.joined(separator: " \(style.separator) "))   run \(facts.id)")
    let journal = RunJournaling(
      settings: settings, record: record(facts), earlier: earlier, keepsRuns: !instruments.isReplaying,
      crashAfter: process.variables.crashAfterEntry)
    let gate = ChangeGate()
    let scopes = UndoScopes()
    let approvals = approvals(journal.recorder)
    let web = WebConnection(settings: settings)
    let admission = start.plan.map { PlanAdmission($0, store: journal.store, run: facts.id) }
    let connections = GatewayConnections(
      settings: settings, instruments: instruments, journal: journal, gate: gate, scopes: scopes, approvals: approvals,
      admission: admission,
      onEvent: { event in
        admission?.note(event)
        reporter.handle(event)
      }, onClientEvent: { reporter.handle($0) })
    reporter.begin { await connections.statistics() }
    let context = ScriptContext(
      facts: facts, parameters: start.parameters, output: reporter, recorder: journal.recorder,
      promotionSource: settings.promotionSource, seed: start.seed,
      surroundings: ScriptSurroundings(settings: settings, approvals: approvals, connections: connections, web: web),
      scopes: scopes, undo: { try await connections.undo($0) }
    ) { try await connections.run($0) }
    let chunks = LoadedChunks(start.chunk)
    let runner = runner(chunks, journal.recorder)
    if let earlier { announce(earlier) }
    let script = Task {
      if earlier != nil { try await journal.takeOver("resume") }
      return try await runner.run(start.chunk, in: context, arguments: start.parameters.arguments)
    }
    let stop = RunStop(script: script, gate: gate, settings: settings, style: style)
    let signals = SignalWatch { stop.request() }
    stop.onGoingOn { signals.forget() }
    var result = await script.result
    await stop.isSettled()
    await undo(behind: result, journal: journal, connections: connections, scopes: scopes, stop: stop)
    if case .success = result {
      do { try journal.recorder.checkReplayed() } catch { result = .failure(error) }
    }
    // A script that goes on behind a refusal has not done what was planned all the same.
    if case .success = result, let refusal = admission?.refusal { result = .failure(refusal) }
    if case .success = result, let admission {
      do { try await admission.refuseUsedByAnother() } catch { result = .failure(error) }
    }
    // Someone who wants to stop, or has just lost the gateway, does not wait for a nicer report.
    let asks = signals.received == nil && !Self.hasLostTheGateway(result)
    let changes = await connections.changes(asking: asks)
    let statistics = await connections.statistics()
    let end = RunEnd(
      facts: facts, seconds: began.seconds(until: .now()), result: result, changes: changes,
      statistics: statistics, signal: signals.received, undoProblem: stop.undoProblem)
    let problem = await journal.close(end)
    await connections.releaseLocks()
    await web.close()
    await connections.close()
    signals.stop()
    reporter.end(isGood: end.status == .ok || end.status == .differences)
    end.write(settings: settings, reporter: reporter, chunks: chunks, isResumable: journal.isResumable(end))
    if let problem { StandardStream.error.write(ErrorReport(error: problem, style: style).text) }
    for remark in instruments.remarks(isVerbose: settings.isVerbose) { StandardStream.error.write(remark + "\n") }
    let status = problem != nil && end.status == .ok ? .internalError : end.status
    reporter.conclude(end.resultLine(status))
    return status
  }

  /// Runs a changed script as far as the journal goes, to see whether it still does what it did before. Reads that it
  /// did not make before are made; nothing is changed, waited for or kept.
  ///
  /// - Throws: ``RunDivergence`` when it does something else.
  func rehearse() async throws {
    guard let earlier else { return }
    let recorder = RunRecorder(replaying: earlier.entries)
    recorder.endAfterReplay()
    let scopes = UndoScopes()
    let connections = GatewayConnections(
      settings: settings, instruments: instruments, journal: nil, recorder: recorder, scopes: scopes,
      approvals: approvals(recorder))
    let context = ScriptContext(
      facts: facts(id: earlier.record.id), parameters: start.parameters, output: SilentOutput(), recorder: recorder,
      promotionSource: settings.promotionSource, seed: start.seed, scopes: scopes,
      undo: { try await connections.undo($0) }
    ) { try await connections.run($0) }
    let result: Result<Void, any Error>
    do {
      _ = try await runner(LoadedChunks(start.chunk), recorder).run(
        start.chunk, in: context, arguments: start.parameters.arguments)
      result = .success(())
    } catch {
      result = .failure(error)
    }
    await connections.close()
    // How it ends otherwise is for the run itself to report, as long as it comes as far as it did.
    if case .failure(let divergence as RunDivergence) = result { throw divergence }
    try recorder.checkReplayed()
  }

  /// Undoes what the script could not undo itself: because a limit ended it, or because the person who stopped it wants
  /// that.
  private func undo(
    behind result: Result<Document, any Error>, journal: RunJournaling, connections: GatewayConnections,
    scopes: UndoScopes, stop: RunStop
  ) async {
    var wanted: [UndoScope] = []
    if case .failure(let error) = result, (error as? LuaError)?.code == .limit { wanted = scopes.outermost }
    if stop.wantsUndo { wanted = [.wholeRun] }
    guard !wanted.isEmpty else { return }
    do {
      // From here on the run can only be undone: no process may go forward with it.
      if await journal.recorder.isKept { try await journal.recorder.markProcess("rollback", .object([:])) }
      for scope in wanted { _ = try await connections.undo(scope) }
    } catch {
      stop.undoProblem = error
    }
  }

  private func announce(_ earlier: EarlierRun) {
    guard !settings.isQuiet else { return }
    let count = earlier.entries.count
    StandardStream.error.write(
      "  replay    \(count) journal entr\(count == 1 ? "y" : "ies") of \(start.chunk.name)"
        + (earlier.hasChangedScript ? " (changed since)" : "") + "\n")
    for title in earlier.inDoubt { StandardStream.error.write("  in doubt  \(title.withoutControlCharacters)\n") }
  }

  private static func hasLostTheGateway(_ result: Result<Document, any Error>) -> Bool {
    guard case .failure(let error) = result, let cause = (error as? LuaError)?.underlying as? GatewayError else {
      return false
    }
    return cause.meansLostGateway
  }

  private func approvals(_ recorder: RunRecorder) -> Approvals {
    Approvals(settings: settings, recorder: recorder, script: start.chunk.name, folder: process.folder)
  }

  private func runner(_ chunks: LoadedChunks, _ recorder: RunRecorder) -> ScriptRunner {
    ScriptRunner(
      limits: limits, isIsolated: isIsolated,
      moduleSource: modules.map { chunks.remembering($0, recorder: recorder) })
  }

  private func record(_ facts: RunFacts) -> RunRecord {
    if var record = earlier?.record {
      record.process = .current
      record.host = process.host
      record.state = .running
      record.endedAt = nil
      record.exitCode = nil
      return record
    }
    return RunRecord(
      id: facts.id, startedAt: start.plan == nil ? Timestamp(start.startedAt) ?? .now() : .now(),
      user: "\(process.user)@\(process.host)",
      host: process.host, process: .current,
      command: ([start.commandName] + start.shownParameters.words).joined(separator: " "),
      gateway: settings.gatewayName,
      environment: settings.environment, start: start.document)
  }

  private func facts(id: String) -> RunFacts {
    var facts = RunFacts(
      id: id, user: process.user, startedAt: start.startedAt, gateway: settings.gatewayName,
      environment: settings.environment)
    facts.narrowing = settings.narrowing
    return facts
  }
}

extension ParameterValues {
  /// As they are typed.
  fileprivate var words: [String] { named.flatMap { ["-p", "\($0.name)=\($0.value)"] } + arguments }
}

extension GatewayError {
  /// Whether it is about the way to the gateway rather than about what was asked: the same may work later.
  var meansLostGateway: Bool {
    [.unavailable, .timeout, .throttled, .unknownOutcome].contains(kind) && !isAboutSomethingElse
  }

  /// Whether it is about another server, or a condition of the script's own.
  var isAboutSomethingElse: Bool { operation == "wait_until" || operation?.hasPrefix("http.") == true }
}
