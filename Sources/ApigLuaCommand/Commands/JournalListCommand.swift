internal import ArgumentParser
internal import GatewayAPI
internal import RunJournal

/// `apig-lua journal list`: the runs, newest first.
struct JournalListCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "list", abstract: "Lists the runs, newest first.")

  @OptionGroup var flags: EngineFlags

  @Option(help: ArgumentHelp("The most runs to list; 20 unless given.", valueName: "n"))
  var limit = 20

  func validate() throws {
    if limit < 1 { throw ValidationError("--limit must be 1 or more") }
  }

  func run() async throws {
    try await reporting(flags.options) { settings, _ in
      let runs = try await JournalFile.openExisting(settings.variables)?.runs(limit: limit) ?? []
      let style = Style(settings.color, variables: settings.variables, stream: .output)
      let rows = runs.map { ($0, RunListing.deeds($0.summary)) }
      let result = CommandResult(
        event: "run", document: .array(runs.map(\.document)), table: RunListing.table(rows))
      try await result.write(settings) {
        rows.isEmpty ? "" : RunListing(style: style, moment: MomentText(.output)).text(rows)
      }
      if settings.output == .table, runs.isEmpty { JournalFile.sayEmpty() }
      return .ok
    }
  }
}
