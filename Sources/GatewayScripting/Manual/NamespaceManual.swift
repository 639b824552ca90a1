/// The manual's entry for a table of functions: `apig.http`.
struct NamespaceManual: ManualEntry {
  let name: String
  let summary: String
  let entries: [any ManualEntry]

  func text(width: Int) -> String {
    var text = ManualText(width: width)
    text.paragraph("\(name): \(summary)")
    text.gap()
    text.list(entries.map { ($0.name, $0.summary) })
    return text.text
  }

  func markdown(level: Int) -> String {
    heading(level) + "\n\(summary)\n\n"
      + MarkdownTable(columns: ["name", "meaning"], rows: entries.map { ["`\($0.name)`", $0.summary] }).text
  }
}
