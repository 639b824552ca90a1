internal import ArgumentParser
internal import GatewayAPI
internal import GatewayScripting
internal import ReleaseEngine

/// `apig-lua api list`: APIs, and where each is published.
struct APIListCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "Lists APIs and where they are published.",
    discussion: "With --env only those that it runs. All conditions must hold; --only and --skip narrow them further.")

  @OptionGroup var flags: EngineFlags
  @OptionGroup var selection: SelectionOptions

  func run() async throws {
    try await reporting(flags.options) { settings, _ in
      var settings = settings
      try await settings.narrow(toFailedOf: flags.options.onlyFailedOf)
      let narrowed = settings
      let apis = try await withReadingGateways(settings) { open in
        let run = try await open(nil)
        return try await selection.filter(run, narrowed, publishedIn: flags.options.env).apis(of: run)
      }
      let listing = RecordListing(schema: API.schema, records: apis.map(\.document))
      try await listing.result.write(settings) { listing.text(settings) }
      if apis.isEmpty, settings.output == .table { StandardStream.error.write("there is no such API\n") }
      return .ok
    }
  }
}
