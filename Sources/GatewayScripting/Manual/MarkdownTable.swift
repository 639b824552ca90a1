/// A table in Markdown.
struct MarkdownTable {
  let columns: [String]
  let rows: [[String]]

  var text: String {
    line(columns) + line(columns.map { _ in "---" }) + rows.map(line).joined()
  }

  private func line(_ cells: [String]) -> String {
    "| " + cells.map { $0.replacing("|", with: "\\|") }.joined(separator: " | ") + " |\n"
  }
}
