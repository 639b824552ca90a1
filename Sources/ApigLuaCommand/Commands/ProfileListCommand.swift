internal import ArgumentParser
internal import GatewayAPI
internal import GatewayCredentials
internal import ReleaseEngine

/// `apig-lua profile list`: every profile of every file; nothing is asked over the network.
struct ProfileListCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "Lists the profiles of config.yaml, of KooCLI and of the SDKs.")

  @OptionGroup var flags: EngineFlags

  func run() async throws {
    try await reporting(flags.options) { settings, _ in
      let entries = try settings.credentialChain(for: nil).list().entries
      let table = DataTable(columns: ["name", "tool", "credential", "place"], rows: rows(entries))
      try await CommandResult(event: "profile", document: .array(entries.map(document)), table: table)
        .write(settings) { text(entries) }
      if settings.output == .table, entries.isEmpty {
        StandardStream.error.write("there are no profiles; apig-lua profile show tells what is looked for, and where\n")
      }
      return .ok
    }
  }

  private func text(_ entries: [ProfileListing.Entry]) -> String {
    guard !entries.isEmpty else { return "" }
    return TextTable(columns: ["profile", "of", "credential", "where"], rows: rows(entries), indent: "").text
  }

  private func rows(_ entries: [ProfileListing.Entry]) -> [[String]] {
    entries.map { entry in
      [
        entry.name + (entry.isDefault ? " *" : ""), entry.tool, (entry.isUsable ? "" : "unusable: ") + entry.summary,
        entry.place,
      ]
    }
  }

  private func document(_ entry: ProfileListing.Entry) -> Document {
    [
      "name": .string(entry.name), "tool": .string(entry.tool), "place": .string(entry.place),
      "credential": .string(entry.summary), "usable": .boolean(entry.isUsable), "default": .boolean(entry.isDefault),
    ]
  }
}
