internal import ArgumentParser
internal import GatewayAPI
internal import ReleaseEngine

/// `apig-lua drift`: what differs between what two environments run.
struct DriftCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "drift", abstract: "Compares what two environments run; ends with 2 when they differ.",
    discussion: """
      LEFT and RIGHT are environments, also of other gateways (GATEWAY:ENV), or files: what the gateway exported as
      JSON, or a snapshot. Marked as breaking is what callers of LEFT would notice if RIGHT took its place.
      """)

  @OptionGroup var flags: EngineFlags

  @Option(
    help: ArgumentHelp("Only this API group; for an export the one it names.", valueName: "name"),
    completion: LiveCompletion.groups)
  var group: String?

  @Argument(help: "What is compared.", completion: LiveCompletion.environments)
  var left: String

  @Argument(help: "With what it is compared.", completion: LiveCompletion.environments)
  var right: String

  func run() async throws {
    try await reporting(flags.options) { settings, _ in
      let sides = (try DriftSide(left), try DriftSide(right))
      let report = try await withReadingGateways(settings) { open in
        try await DriftComparison(left: sides.0, right: sides.1, group: group, open: open).report()
      }
      try await CommandResult(
        event: "drift", document: report.document(left: left, right: right), table: report.table
      ).write(settings) {
        report.text(
          left: left, right: right, style: Style(settings.color, variables: settings.variables, stream: .output))
      }
      return report.rows.isEmpty ? .ok : .differences
    }
  }
}
