internal import GatewayAPI
internal import RunJournal

/// The entries of a run as lines: what was begun together with how it ended.
struct EntryListing: Sendable {
  let entries: [JournalEntry]
  let style: Style
  let moment: MomentText
  /// Whether what was only read is shown too.
  let showsAnswers: Bool

  var text: String {
    let rows = rows { moment($0) }
    return rows.isEmpty ? "" : TextTable(columns: ["#", "when", "what", "where"], rows: rows).text
  }

  var table: DataTable { DataTable(columns: ["sequence", "time", "title", "place"], rows: rows { $0.text }) }

  private func rows(_ time: (Timestamp) -> String) -> [[String]] {
    let outcomes = Dictionary(
      entries.compactMap { entry in entry.refersTo.map { ($0, entry) } }, uniquingKeysWith: { _, last in last })
    let shown = entries.filter { $0.kind != .outcome && (showsAnswers || $0.kind != .answer) }
    return shown.map { entry in
      [
        "\(entry.sequence)", time(entry.time), title(entry) + end(entry, outcomes[entry.sequence]),
        entry.place ?? "",
      ]
    }
  }

  /// How many entries are not shown.
  var hiddenCount: Int { showsAnswers ? 0 : entries.count { $0.kind == .answer } }

  private func title(_ entry: JournalEntry) -> String {
    guard entry.kind == .process else { return entry.title.isEmpty ? entry.operation : entry.title }
    let facts = [
      entry.body["process"]?.integerValue.map { "process \($0)" }, entry.body["host"]?.stringValue.map { "on \($0)" },
      entry.body["exit"]?.integerValue.map { "exit \($0)" }, entry.body["message"]?.stringValue,
    ].compactMap(\.self)
    return ([entry.operation] + facts).joined(separator: " ")
  }

  private func end(_ entry: JournalEntry, _ outcome: JournalEntry?) -> String {
    if entry.kind == .answer { return problem(entry).map { ": \($0)" } ?? "" }
    guard entry.kind == .intent else { return "" }
    guard let outcome else { return ": no answer was kept" }
    if let problem = problem(outcome) { return ": \(problem)" }
    let seconds = entry.time.seconds(until: outcome.time)
    return seconds >= 1 ? " (\(Int(seconds.rounded()))s)" : ""
  }

  /// What went wrong; nil when it was answered.
  private func problem(_ entry: JournalEntry) -> String? {
    entry.body["error"].flatMap(GatewayError.init(document:)).map { error in
      [error.code?.rawValue, error.message].compactMap(\.self).joined(separator: " ")
    }
  }
}
