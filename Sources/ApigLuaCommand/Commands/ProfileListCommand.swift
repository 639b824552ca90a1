internal import ArgumentParser
internal import GatewayAPI
internal import GatewayCredentials
internal import ReleaseEngine

/// `apig-lua profile list`: every profile of every file; nothing is asked over the network.
struct ProfileListCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "Lists the profiles of config.yaml, of KooCLI and of the SDKs.")

  @OptionGroup var options: EngineOptions

  func run() async throws {
    try await reporting(options) { settings, _ in
      let entries = try settings.credentialChain(for: nil).list().entries
      switch settings.output {
      case .json: StandardStream.output.write(Document.array(entries.map(document)).jsonText + "\n")
      case .table: write(entries, settings)
      }
      return .ok
    }
  }

  private func write(_ entries: [ProfileListing.Entry], _ settings: Settings) {
    guard !entries.isEmpty else {
      StandardStream.error.write("there are no profiles; apig-lua profile show tells what is looked for, and where\n")
      return
    }
    let rows = entries.map { entry in
      [
        entry.name + (entry.isDefault ? " *" : ""), entry.tool, (entry.isUsable ? "" : "unusable: ") + entry.summary,
        entry.place,
      ]
    }
    StandardStream.output.write(
      TextTable(columns: ["profile", "of", "credential", "where"], rows: rows, indent: "").text)
  }

  private func document(_ entry: ProfileListing.Entry) -> Document {
    [
      "name": .string(entry.name), "tool": .string(entry.tool), "place": .string(entry.place),
      "credential": .string(entry.summary), "usable": .boolean(entry.isUsable), "default": .boolean(entry.isDefault),
    ]
  }
}
