internal import ArgumentParser
internal import GatewayAPI
internal import GatewayCredentials

/// `apig-lua profile show`: the credential that a run would use, where it comes from, and what was looked at before.
struct ProfileShowCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Shows which credential is used, and why; never the secret itself.")

  @OptionGroup var flags: EngineFlags

  @Argument(help: "A profile, as with --profile; without it, what a run would use.")
  var name: String?

  func run() async throws {
    try await reporting(flags.options) { settings, style in
      var settings = settings
      if let name { settings.profile = (name, "--profile") }
      if flags.options.tokenStdin { settings.suppliedToken = try StandardInputToken.read() }
      let report = try await CredentialReport(settings)
      try await CommandResult(event: "profile", document: report.document, table: report.table)
        .write(settings) { report.text }
      if settings.output == .table {
        for warning in report.warnings { StandardStream.error.write("warning: \(warning)\n") }
      }
      return .ok
    }
  }
}
