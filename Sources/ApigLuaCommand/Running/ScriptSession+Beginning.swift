internal import GatewayAPI
internal import GatewayScripting
internal import LuaRuntime
internal import ReleaseEngine
internal import RunJournal

/// What a run begins with, and a rehearsal of it.
extension ScriptSession {
  func context(
    _ facts: RunFacts, output: any ScriptOutput, recorder: RunRecorder, scopes: UndoScopes,
    connections: GatewayConnections, surroundings: ScriptSurroundings
  ) -> ScriptContext {
    var context = ScriptContext(
      facts: facts, parameters: start.parameters, output: output, recorder: recorder,
      promotionSource: settings.promotionSource, seed: start.seed, surroundings: surroundings, scopes: scopes,
      undo: { try await connections.undo($0) }
    ) { try await connections.run($0) }
    if earlier == nil, !start.secrets.areAll { context.closedParameters = Set(start.secrets.values.keys) }
    return package.map(context.running) ?? context
  }

  func runner(_ chunks: LoadedChunks, _ recorder: RunRecorder) -> ScriptRunner {
    if let package { recorder.mark(package) }
    return configuration.runner(
      modules.map { chunks.remembering($0, recorder: recorder) }, as: package, chunks: chunks,
      onUse: { recorder.mark($0) })
  }

  func record(_ facts: RunFacts) -> RunRecord {
    if var record = earlier?.record {
      record.process = .current
      record.host = configuration.process.host
      record.state = .running
      record.endedAt = nil
      record.exitCode = nil
      return record
    }
    return RunRecord(
      id: facts.id, startedAt: start.plan == nil ? Timestamp(start.startedAt) ?? .now() : .now(),
      user: configuration.process.userAtHost, host: configuration.process.host, process: .current,
      command: start.shownParameters.words.reduce(start.commandName) { "\($0) \($1)" },
      gateway: settings.gatewayName,
      environment: settings.environment, start: start.document)
  }

  /// "prod-cn4 · RELEASE · canary.lua · plan p-7F2QK   run r-01KB0M"; in a log "run r-01KB0M prod-cn4/RELEASE canary.lua".
  func header(_ run: String) -> String {
    let planned = Set((start.plan?.changes ?? []).compactMap { $0.environmentName ?? $0.environmentID }).sorted()
    let environments = planned.isEmpty ? [settings.environment].compactMap(\.self) : planned
    let script = [start.chunk.name] + (start.plan.map { ["plan \($0.id)"] } ?? [])
    guard ProgressManner(settings) == .log else {
      let separator = configuration.style.separator
      return (environments + script).reduce(settings.gatewayName) { "\($0) \(separator) \($1)" } + "   run \(run)"
    }
    let place = environments.reduce(settings.gatewayName) { "\($0)/\($1)" }
    return script.reduce("run \(run) \(place)") { "\($0) \($1)" }
  }
}
