internal import ArgumentParser
internal import GatewayAPI
internal import ReleaseEngine

/// `apig-lua api history API`: the versions that the gateway keeps.
struct APIHistoryCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "history", abstract: "Lists the versions of an API that the gateway keeps, newest first.",
    discussion: "Ten for each environment at most. With --env only its own.")

  @OptionGroup var flags: EngineFlags

  @Argument(help: "The API, by name or ID.", completion: LiveCompletion.apis)
  var api: String

  func run() async throws {
    try await reporting(flags.options) { settings, _ in
      let versions = try await withReadingGateways(settings) { open in
        let run = try await open(nil)
        var history = History(apiID: try await run.names.id(of: .api, named: api))
        if let name = flags.options.env {
          history.environmentID = try await run.names.id(of: .environment, named: name)
        }
        return try await run.all(history).items
      }
      let environments = Set(versions.compactMap(\.environmentID))
      let listing = RecordListing(
        schema: APIVersion.schema, records: versions.map(\.document),
        additions: environments.count > 1 ? ["env_name"] : [])
      try await listing.result.write(settings) { listing.text(settings) }
      guard settings.output == .table, !settings.isQuiet else { return .ok }
      let place = flags.options.env.map { " to \($0)" } ?? ""
      StandardStream.error.write(
        versions.isEmpty
          ? "\(api.withoutControlCharacters) was never published\(place.withoutControlCharacters)\n"
          : environments.count > 1
            ? "  \(versions.count) records, at most \(Self.mostKept) for each environment\n"
            : "  \(versions.count) record\(versions.count == 1 ? "" : "s") of at most \(Self.mostKept)\n")
      return .ok
    }
  }

  /// What the gateway keeps of each API in each environment.
  private static let mostKept = 10
}
