internal import ArgumentParser
internal import GatewayAPI

/// `apig-lua doctor`: every setting and where it comes from, and whether everything works.
struct DoctorCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor", abstract: "Shows every setting and where it comes from, and checks that all of it works.",
    discussion: """
      Of a gateway that is not local it asks the address, compares the clocks and lists the project's gateways, each
      within 5 seconds or --timeout; nothing is changed.
      """)

  @OptionGroup var flags: EngineFlags

  @Flag(help: "Asks nobody over the network.")
  var offline = false

  func run() async throws {
    try await reporting(flags.options) { settings, _ in
      let gateway = await GatewayChecks(
        settings: settings, isOffline: offline, limit: flags.options.timeout?.duration ?? .seconds(5)
      ).all()
      let checks = await LocalChecks(settings: settings).all() + gateway.checks
      let table = DataTable(
        columns: ["name", "outcome", "detail", "hint"],
        rows: checks.map { [$0.name, $0.outcome.rawValue, $0.detail, $0.hint ?? ""] })
      try await CommandResult(
        event: "diagnosis", document: document(settings, checks, gateway.credential), table: table
      ).write(settings) { text(settings, checks, gateway.credential) }
      // What stands first keeps the rest from being found.
      return checks.first { $0.outcome == .failed }?.status ?? .ok
    }
  }

  private func text(_ settings: Settings, _ checks: [Check], _ credential: CredentialReport?) -> String {
    let style = Style(settings.color, variables: settings.variables, stream: .output)
    let rows = settings.effective.map { [$0.name, $0.value, $0.origin] }
    var text = TextTable(columns: ["setting", "value", "from"], rows: rows, indent: "").text + "\n"
    if let credential { text += credential.text + "\n" }
    return text + checks.map { $0.text(style: style) }.joined()
  }

  private func document(_ settings: Settings, _ checks: [Check], _ credential: CredentialReport?) -> Document {
    [
      "schema": 1,
      "settings": .array(
        settings.effective.map {
          ["name": .string($0.name), "value": .string($0.value), "from": .string($0.origin)]
        }),
      "credential": credential?.document ?? .null,
      "checks": .array(checks.map(\.document)),
    ]
  }
}
