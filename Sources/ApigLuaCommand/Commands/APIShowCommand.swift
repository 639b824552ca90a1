internal import ArgumentParser
internal import GatewayAPI
internal import ReleaseEngine

/// `apig-lua api show API`: one definition of an API.
struct APIShowCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Shows the definition of an API: its draft, what an environment runs, or a version.",
    usage: "apig-lua api show API [--env ENV] [--version VERSION]")

  @OptionGroup var flags: EngineFlags

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Version to show: its number or ID, or -1 for the one before.", valueName: "version"))
  var version: String?

  @Argument(help: "The API, by name or ID.", completion: LiveCompletion.apis)
  var api: String

  func run() async throws {
    try await reporting(flags.options) { settings, _ in
      let shown = try await withReadingGateways(settings) { open in
        let run = try await open(nil)
        let api = try await run.found(.api, api)
        var environment: (id: String, name: String)?
        if let name = flags.options.env { environment = try await run.found(.environment, name) }
        let isDraft = version == nil && environment == nil
        return try await NamedVersion(isDraft ? NamedVersion.draft : version, of: api, in: environment, on: run)
      }
      let page = RecordPage(schema: APIDefinition.schema, record: shown.definition.document)
      try await page.result.write(settings) { page.text(settings) }
      return .ok
    }
  }
}
