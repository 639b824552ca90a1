internal import ArgumentParser
internal import GatewayAPI
internal import ReleaseEngine

/// `apig-lua snapshot`: which version of every API an environment runs.
struct SnapshotCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "snapshot", abstract: "Writes down which version of every API an environment runs.",
    discussion: """
      `api switch --from FILE` goes back to it as long as the gateway keeps those versions: the last ten of each API.
      It asks twice for each API that is published there.
      """)

  @OptionGroup var flags: EngineFlags

  @Option(help: ArgumentHelp("File to write; standard output if none is given.", valueName: "file"))
  var out: String?

  @Option(help: ArgumentHelp("Only this API group.", valueName: "name"), completion: LiveCompletion.groups)
  var group: String?

  @Argument(
    help: ArgumentHelp("The environment, by name or ID.", valueName: "env"), completion: LiveCompletion.environments)
  var environment: String

  func run() async throws {
    try await reporting(flags.options) { settings, style in
      try flags.options.refuseNarrowing(hint: "a snapshot has every API of its environment")
      try out.map { try ReplaceableFile(path: $0).require("snapshot", EnvironmentSnapshot.isSnapshot) }
      let snapshot = try await withReadingGateways(settings) { open in
        let run = try await open(nil)
        let environmentID = try await run.names.id(of: .environment, named: environment)
        let environmentName = await run.names.name(of: .environment, id: environmentID) ?? environment
        var groupID: String?
        if let group { groupID = try await run.names.id(of: .group, named: group) }
        return try await EnvironmentSnapshot(
          of: (environmentID, environmentName), group: groupID.map { ($0, group ?? $0) }, on: run,
          named: settings.gatewayName, at: .now())
      }
      guard let out else {
        StandardStream.output.write(snapshot.text)
        return .ok
      }
      try ReplaceableFile(path: out).write(Array(snapshot.text.utf8))
      if !settings.isQuiet {
        let count = snapshot.entries.count
        StandardStream.error.write(
          "\(style.good) \(out): \(count) API\(count == 1 ? "" : "s") of \(snapshot.environmentName)\n"
            + "  back to it: apig-lua api switch --from \(out)\n")
      }
      return .ok
    }
  }
}
