internal import GatewayAPI
internal import GatewayScripting
internal import LuaRuntime
internal import ReleaseEngine

/// A command that changes a gateway, as a script: so it is planned, locked, journalled, undone and reported like one.
struct EmbeddedPlaybook {
  let chunk: LuaChunk
  let parameters: ParameterValues

  /// Another version of one API into effect.
  static func switchVersion(api: String, environment: String, version: String) -> EmbeddedPlaybook {
    EmbeddedPlaybook(
      chunk: LuaChunk(name: "api switch", source: PackageResources.switch_version_lua),
      parameters: ParameterValues(arguments: ["--api", api, "--env", environment, "--version", version]))
  }

  /// Back to what a snapshot names; the snapshot becomes part of the script, so that a resumed run needs no file.
  static func restore(_ snapshot: EnvironmentSnapshot, file: String, skipsMissing: Bool) -> EmbeddedPlaybook {
    let head = "local document = \(longString(snapshot.document.jsonText))\n"
    return EmbeddedPlaybook(
      chunk: LuaChunk(name: "api switch", source: Array(head.utf8) + PackageResources.restore_snapshot_lua),
      parameters: ParameterValues(
        arguments: ["--from", file] + (skipsMissing ? ["--skip-missing"] : [])))
  }

  func run(_ options: EngineOptions, _ settings: Settings, _ style: Style) async throws -> ExitStatus {
    let session = ScriptSession(
      configuration: SessionConfiguration(
        settings: settings, instruments: try RunInstruments(settings), style: style, process: ProcessFacts.current,
        limits: options.limits, isIsolated: options.isolate),
      start: RunStart(
        chunk: chunk, path: nil, parameters: parameters, seed: .random(in: .min ... .max), flags: options.kept,
        startedAt: Timestamp.now().text),
      modules: nil)
    return await session.run()
  }

  /// A Lua string that stands for itself, whatever is in it.
  private static func longString(_ text: String) -> String {
    var level = ""
    while text.contains("]\(level)]") || text.hasSuffix("]\(level)") { level += "=" }
    return "[\(level)[\(text)]\(level)]"
  }
}
