internal import GatewayAPI
internal import GatewayScripting
internal import LuaRuntime
internal import ReleaseEngine

/// One run of one script, from its text to its exit status.
struct ScriptSession: Sendable {
  let settings: Settings
  let instruments: RunInstruments
  let style: Style
  let process: ProcessFacts
  let limits: LuaLimits
  let isIsolated: Bool
  let chunk: LuaChunk
  let modules: LuaModuleFolder?
  let parameters: ParameterValues

  /// The playbook's own help.
  ///
  /// - Throws: ``LuaError`` when the script fails before it declares its parameters.
  func help(script: String) async throws -> String {
    let facts = facts(id: "r-0000000000", startedAt: Timestamp.now())
    let context = ScriptContext(
      mode: .describe, facts: facts, output: RunReporter(settings: settings, style: style, header: ""),
      run: { _ in throw CancellationError() })
    let description = try await runner(LoadedChunks(chunk)).describe(chunk, in: context)
    return ParameterHelp(script: script, description: description).text
  }

  /// Runs the script, reports on it, and says how it ended.
  func run(arguments: [String]) async -> ExitStatus {
    let started = Timestamp.now()
    let facts = facts(id: instruments.runID.description, startedAt: started)
    let title = [settings.gatewayName, settings.environment, chunk.name].compactMap(\.self)
    let reporter = RunReporter(
      settings: settings, style: style,
      header: "\(title.joined(separator: " \(style.separator) "))   run \(facts.id)")
    let recorder = RunRecorder()
    let approvals = Approvals(settings: settings, recorder: recorder, script: chunk.name, folder: process.folder)
    let web = WebConnection(settings: settings)
    let connections = GatewayConnections(
      settings: settings, instruments: instruments, approvals: approvals, onEvent: { reporter.handle($0) },
      onClientEvent: { reporter.handle($0) })
    let context = ScriptContext(
      facts: facts, parameters: parameters, output: reporter, recorder: recorder,
      surroundings: ScriptSurroundings(
        settings: settings, approvals: approvals, connections: connections, web: web)
    ) {
      try await connections.run($0)
    }
    let chunks = LoadedChunks(chunk)
    let runner = runner(chunks)
    let script = Task { try await runner.run(chunk, in: context, arguments: arguments) }
    // Someone who wants to stop, or has just lost the gateway, does not wait for a nicer report.
    let ending = Task {
      let result = await script.result
      let changes = await connections.changes(asking: !Task.isCancelled && !Self.hasLostTheGateway(result))
      return (result, changes)
    }
    let signals = SignalWatch {
      script.cancel()
      ending.cancel()
    }
    let (result, changes) = await ending.value
    let statistics = await connections.statistics()
    await web.close()
    await connections.close()
    signals.stop()
    let end = RunEnd(
      facts: facts, seconds: Self.seconds(from: started, to: Timestamp.now()), result: result, changes: changes,
      statistics: statistics, signal: signals.received)
    end.write(settings: settings, reporter: reporter, chunks: chunks)
    for remark in instruments.remarks(isVerbose: settings.isVerbose) { StandardStream.error.write(remark + "\n") }
    return end.status
  }

  private static func hasLostTheGateway(_ result: Result<Document, any Error>) -> Bool {
    guard case .failure(let error) = result, let cause = (error as? LuaError)?.underlying as? GatewayError else {
      return false
    }
    return [.unavailable, .timeout, .throttled, .unknownOutcome].contains(cause.kind)
  }

  private func runner(_ chunks: LoadedChunks) -> ScriptRunner {
    ScriptRunner(limits: limits, isIsolated: isIsolated, moduleSource: modules.map { chunks.remembering($0) })
  }

  private func facts(id: String, startedAt: Timestamp) -> RunFacts {
    RunFacts(
      id: id, user: process.user, startedAt: startedAt.text, gateway: settings.gatewayName,
      environment: settings.environment)
  }

  private static func seconds(from start: Timestamp, to end: Timestamp) -> Double {
    Double(end.seconds - start.seconds) + Double(end.nanoseconds - start.nanoseconds) / 1e9
  }
}
