internal import ArgumentParser
internal import GatewayAPI
internal import RunJournal

/// `apig-lua status`: how runs stand, those first that need someone.
struct StatusCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "Shows how runs stand, unfinished ones first; or one run, and what to type next.")

  @OptionGroup var flags: EngineFlags

  @Argument(help: "The run: its name, the beginning of it, or last.", completion: LiveCompletion.runs)
  var run: String?

  private static let shown = 10

  func run() async throws {
    try await reporting(flags.options) { settings, _ in
      let style = Style(settings.color, variables: settings.variables, stream: .output)
      if let run {
        let dossier = try await JournalFile.dossier(of: run, settings.variables)
        let report = RunReport(dossier: dossier, style: style, moment: MomentText(.output))
        try await CommandResult(event: "run", document: dossier.document, table: report.table)
          .write(settings) { report.text }
      } else {
        try await writeAll(settings, style)
      }
      return .ok
    }
  }

  private func writeAll(_ settings: Settings, _ style: Style) async throws {
    let store = try JournalFile.openExisting(settings.variables)
    var unfinished: [RunDossier] = []
    var others: [RunRecord] = []
    if let store {
      for record in try await store.unfinishedRuns() { unfinished.append(try await RunDossier(record, in: store)) }
      others = try await store.runs(limit: unfinished.count + Self.shown).filter { !$0.state.isUnfinished }
    }
    let recent = Array(others.prefix(Self.shown))
    let rows = unfinished.map { ($0.record, $0.deeds(style)) } + recent.map { ($0, RunListing.deeds($0.summary)) }
    let result = CommandResult(
      event: "run", document: .array(unfinished.map(\.document) + recent.map(\.document)), table: RunListing.table(rows)
    )
    try await result.write(settings) {
      guard !rows.isEmpty else { return "" }
      let listing = RunListing(style: style, moment: MomentText(.output))
      return listing.text(rows) + unfinished.map { next($0, style) }.joined()
    }
    if settings.output == .table, unfinished.isEmpty, recent.isEmpty { JournalFile.sayEmpty() }
  }

  private func next(_ dossier: RunDossier, _ style: Style) -> String {
    RunReport(dossier: dossier, style: style, moment: MomentText(.output)).next
  }
}
