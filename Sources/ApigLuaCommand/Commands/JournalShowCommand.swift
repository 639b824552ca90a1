internal import ArgumentParser
internal import GatewayAPI

/// `apig-lua journal show RUN`: what a run did, step by step.
struct JournalShowCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Shows what a run did, step by step, and what became of each API.")

  @OptionGroup var flags: EngineFlags

  @Flag(help: "What was only read, too: answers of the gateway, clocks.")
  var all = false

  @Argument(help: "The run: its name, the beginning of it, or last.", completion: LiveCompletion.runs)
  var run: String

  func run() async throws {
    try await reporting(flags.options) { settings, _ in
      let dossier = try await JournalFile.dossier(of: run, settings.variables)
      let style = Style(settings.color, variables: settings.variables, stream: .output)
      let report = RunReport(dossier: dossier, style: style, moment: MomentText(.output))
      let listing = EntryListing(
        entries: dossier.entries, style: style, moment: report.moment, showsAnswers: all)
      try await CommandResult(event: "run", document: document(dossier), table: listing.table)
        .write(settings) { report.head + "\n" + listing.text + report.changes + report.next }
      if settings.output == .table, !settings.isQuiet, listing.hiddenCount > 0 {
        StandardStream.error.write("  left out what was only read (\(listing.hiddenCount)): --all shows it\n")
      }
      return .ok
    }
  }

  private func document(_ dossier: RunDossier) -> Document {
    var members = dossier.document.objectValue ?? [:]
    members["entries"] = .array(dossier.entries.map(\.document))
    return .object(members)
  }
}
