internal import ArgumentParser
internal import GatewayAPI
internal import ReleaseEngine

struct GroupCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "group", abstract: "Works on API groups.", subcommands: [GroupListCommand.self])
}

/// `apig-lua group list`: the API groups.
struct GroupListCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "list", abstract: "Lists the API groups.")

  @OptionGroup var flags: EngineFlags

  @Option(help: ArgumentHelp("Only groups whose names hold this text.", valueName: "text"))
  var name: String?

  func run() async throws {
    try await reporting(flags.options) { settings, _ in
      let groups = try await withReadingGateways(settings) { open in
        var list = ListGroups()
        list.name = name
        return try await open(nil).all(list).items
      }
      let listing = RecordListing(schema: APIGroup.schema, records: groups.map(\.document))
      try await listing.result.write(settings) { listing.text(settings) }
      if groups.isEmpty, settings.output == .table { StandardStream.error.write("there is no such API group\n") }
      return .ok
    }
  }
}
