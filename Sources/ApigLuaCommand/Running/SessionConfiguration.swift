internal import GatewayAPI
internal import GatewayScripting
internal import LuaRuntime
internal import ReleaseEngine

/// What a script is run or planned with, whichever of the two it is.
struct SessionConfiguration: Sendable {
  let settings: Settings
  let instruments: RunInstruments
  let style: Style
  let process: ProcessFacts
  let limits: LuaLimits
  let isIsolated: Bool

  /// What a script is told of its run.
  ///
  /// - Parameter startedAt: RFC 3339; relative times of the script refer to it.
  func facts(id: String, startedAt: String) -> RunFacts {
    var facts = RunFacts(
      id: id, user: process.user, startedAt: startedAt, gateway: settings.gatewayName,
      environment: settings.environment)
    facts.narrowing = settings.narrowing
    return facts
  }

  /// - Parameter script: its name, for questions.
  func approvals(_ recorder: RunRecorder, script: String, isRehearsal: Bool = false) -> Approvals {
    Approvals(
      settings: settings, recorder: recorder, script: script, folder: process.folder, isRehearsal: isRehearsal)
  }

  func runner(_ modules: LuaModuleSource?) -> ScriptRunner {
    ScriptRunner(limits: limits, isIsolated: isIsolated, moduleSource: modules)
  }

  /// What a playbook says of itself; it runs up to where it has declared its parameters.
  ///
  /// - Throws: ``LuaError`` when it fails before.
  func description(of chunk: LuaChunk, runner: ScriptRunner) async throws -> PlaybookDescription {
    let context = ScriptContext(
      mode: .describe, facts: facts(id: "r-0000000000", startedAt: Timestamp.now().text), output: SilentOutput(),
      run: { _ in throw CancellationError() })
    return try await runner.describe(chunk, in: context)
  }

  /// The playbook's own help.
  ///
  /// - Parameter script: its name, as it was typed.
  /// - Throws: ``LuaError`` when the script fails before it declares its parameters.
  func help(script: String, _ chunk: LuaChunk, modules: LuaModuleFolder?) async throws -> String {
    let sources = PlanSources(chunks: LoadedChunks(chunk), folder: modules)
    let description = try await description(of: chunk, runner: runner(sources.moduleSource))
    return ParameterHelp(script: script, description: description).text
  }
}
