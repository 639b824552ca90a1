internal import ArgumentParser
internal import GatewayAPI
internal import GatewayScripting
internal import LuaRuntime
internal import ReleaseEngine

/// `apig-lua api switch`: other versions into effect, of one API or of all that a snapshot names.
struct APISwitchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "switch", abstract: "Makes another kept version of an API the one in effect.",
    usage: """
      apig-lua api switch API --env ENV --version VERSION
      apig-lua api switch --from FILE
      """,
    discussion: "A run like a script's: locked, journalled, and undone by `apig-lua rollback`.")

  @OptionGroup var flags: EngineFlags
  @OptionGroup var rehearsal: RehearsalOptions

  // `-1` is a value, too.
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Version to switch to: its number or ID, or -1 for the one before.", valueName: "version"))
  var version: String?

  @Option(
    help: ArgumentHelp("Snapshot to go back to; only what differs from it is switched.", valueName: "file"))
  var from: String?

  @Flag(help: "With --from: goes on where versions of the snapshot are gone, and says which.")
  var skipMissing = false

  @Argument(help: ArgumentHelp("The API, by name or ID.", valueName: "api"), completion: LiveCompletion.apis)
  var api: String?

  func validate() throws {
    switch (api, from) {
    case (nil, nil): throw ValidationError("name an API, or a snapshot with --from")
    case (_?, _?): throw ValidationError("an API and --from exclude each other")
    case (nil, _?): if version != nil { throw ValidationError("--version goes with an API, not with --from") }
    case (_?, nil):
      if version == nil { throw ValidationError("--version is missing: a number, an ID, or -1") }
      if skipMissing { throw ValidationError("--skip-missing goes with --from") }
    }
  }

  func run() async throws {
    try await reporting(flags.options, isRun: true) { settings, style in
      try flags.options.refuseNarrowing(hint: "leave out of the snapshot's file what is to stay")
      let playbook: EmbeddedPlaybook
      if let from {
        playbook = try .restore(snapshot(from, settings), file: from, skipsMissing: skipMissing)
      } else {
        guard let environment = settings.environment else { throw EmbeddedPlaybook.missingEnvironment }
        playbook = .switchVersion(api: api ?? "", environment: environment, version: version ?? "")
      }
      return try await playbook.run(flags.options, settings, style, rehearsal)
    }
  }

  private func snapshot(_ path: String, _ settings: Settings) throws -> EnvironmentSnapshot {
    let hint = "apig-lua snapshot ENV --out FILE writes one"
    let document = try InputFile.json(path, hint: hint)
    let snapshot: EnvironmentSnapshot
    do throws(SnapshotUnreadable) {
      snapshot = try EnvironmentSnapshot(document: document)
    } catch {
      throw UsageError(message: "\(path) cannot be used: \(error.reason)", hint: hint)
    }
    guard snapshot.gateway == settings.gatewayName else {
      throw UsageError(
        message: "\(path) was taken of gateway '\(snapshot.gateway)', this is '\(settings.gatewayName)'",
        hint: "versions belong to one gateway: add --gateway \(snapshot.gateway)")
    }
    if let wanted = flags.options.env, ![snapshot.environmentName, snapshot.environmentID].contains(wanted) {
      throw UsageError(
        message: "\(path) was taken of \(snapshot.environmentName), not of \(wanted)",
        hint: "versions belong to one environment: leave --env out")
    }
    return snapshot
  }
}
