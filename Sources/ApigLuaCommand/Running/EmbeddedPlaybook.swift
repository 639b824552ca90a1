internal import GatewayAPI
internal import GatewayScripting
internal import LuaRuntime
internal import ReleaseEngine

/// A command that changes a gateway, as a script: so it is planned, locked, journalled, undone and reported like one.
struct EmbeddedPlaybook {
  /// What is done to the APIs of a release.
  enum ReleaseAction: String {
    case publish, offline
  }

  let chunk: LuaChunk
  private var arguments: [String]

  /// Drafts into effect, or APIs off an environment.
  ///
  /// - Throws: ``UsageError``.
  static func release(
    _ action: ReleaseAction, _ release: ReleaseOptions, _ options: EngineOptions, _ settings: Settings
  ) throws -> EmbeddedPlaybook {
    guard let environment = settings.environment else { throw missingEnvironment }
    try release.refuseNarrowing(options)
    let head = "local action = \"\(action.rawValue)\"\n"
    var playbook = EmbeddedPlaybook(
      chunk: LuaChunk(name: "api \(action.rawValue)", source: Array(head.utf8) + PackageResources.release_apis_lua),
      arguments: ["--env", environment])
    if !release.apis.isEmpty { playbook.add("--apis", release.apis.joined(separator: ",")) }
    let selection = release.selection
    for (name, value) in [
      ("--group", selection.group), ("--tag", selection.tag), ("--name", selection.name),
      ("--changed-in", selection.changedIn), ("--remark", release.remark),
    ] {
      if let value { playbook.add(name, value) }
    }
    return playbook
  }

  static let missingEnvironment = UsageError(message: "the environment is missing", hint: "add --env RELEASE")

  /// Gives the playbook one parameter more.
  mutating func add(_ words: String...) { arguments += words }

  /// Another version of one API into effect.
  static func switchVersion(api: String, environment: String, version: String) -> EmbeddedPlaybook {
    EmbeddedPlaybook(
      chunk: LuaChunk(name: "api switch", source: PackageResources.switch_version_lua),
      arguments: ["--api", api, "--env", environment, "--version", version])
  }

  /// Back to what a snapshot names; the snapshot becomes part of the script, so that a resumed run needs no file.
  static func restore(_ snapshot: EnvironmentSnapshot, file: String, skipsMissing: Bool) -> EmbeddedPlaybook {
    let head = "local document = \(longString(snapshot.document.jsonText))\n"
    return EmbeddedPlaybook(
      chunk: LuaChunk(name: "api switch", source: Array(head.utf8) + PackageResources.restore_snapshot_lua),
      arguments: ["--from", file] + (skipsMissing ? ["--skip-missing"] : []))
  }

  /// Runs it, or shows what it would do.
  ///
  /// - Throws: ``UsageError``.
  func run(
    _ options: EngineOptions, _ settings: Settings, _ style: Style, _ rehearsal: RehearsalOptions
  ) async throws -> ExitStatus {
    var settings = settings
    try await settings.narrow(toFailedOf: options.onlyFailedOf)
    let configuration = SessionConfiguration(
      settings: settings, instruments: try RunInstruments(settings), style: style, process: ProcessFacts.current,
      limits: options.limits, isIsolated: options.isolate)
    let parameters = ParameterValues(arguments: arguments)
    if rehearsal.dryRun {
      return try await PlanSession(
        configuration: configuration, source: .embedded(chunk), chunk: chunk, parameters: parameters,
        request: PlanRequest(file: rehearsal.out)
      ).run()
    }
    let session = ScriptSession(
      configuration: configuration,
      start: RunStart(
        chunk: chunk, path: nil, parameters: parameters, seed: .random(in: .min ... .max),
        flags: settings.keptFlags(options), startedAt: Timestamp.now().text),
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
