/// Rows of cells under names, in the forms that spreadsheets and documents take.
struct DataTable: Sendable, Hashable {
  var columns: [String]
  var rows: [[String]]

  /// RFC 4180, but for lines that end as everywhere on Unix.
  var csv: String {
    ([columns] + rows).map { $0.map(Self.csv).joined(separator: ",") + "\n" }.joined()
  }

  /// A table of GitHub's Markdown.
  var markdown: String {
    let rule = columns.map { _ in "---" }
    return ([columns.map(Self.markdown), rule] + rows.map { $0.map(Self.markdown) })
      .map { "| " + $0.joined(separator: " | ") + " |\n" }.joined()
  }

  private static func csv(_ cell: String) -> String {
    let cell = cell.escaping {
      $0.properties.generalCategory == .control && !"\n\t".unicodeScalars.contains($0) ? " " : nil
    }
    let isPlain = !cell.utf8.contains { [UInt8(ascii: ","), UInt8(ascii: "\""), 0x0A, 0x0D].contains($0) }
    return isPlain ? cell : "\"\(cell.escaping { $0 == "\"" ? "\"\"" : nil })\""
  }

  /// Text that Markdown takes for nothing but text.
  static func markdown(_ text: String) -> String {
    text.withoutControlCharacters.escaping { scalar in
      switch scalar {
      case "\\", "|", "`", "*", "[", "]": "\\\(scalar)"
      case "&": "&amp;"
      case "<": "&lt;"
      default: nil
      }
    }
  }
}
