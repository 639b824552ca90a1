/// Columns of text, as wide as they need to be.
struct TextTable {
  let columns: [String]
  let rows: [[String]]
  var indent = "  "

  /// One line per row under the titles; no blanks at line ends.
  var text: String { text(of: [columns] + rows) }

  /// The same without the titles.
  var bodyText: String { text(of: rows) }

  private func text(of lines: [[String]]) -> String {
    let widths = (0..<(lines.map(\.count).max() ?? 0)).map { column in
      lines.map { $0.indices.contains(column) ? $0[column].displayWidth : 0 }.max() ?? 0
    }
    return lines.map { line in
      var text = indent
      for (column, width) in zip(line, widths) {
        text += printable(column) + String(repeating: " ", count: max(0, width - column.displayWidth) + 3)
      }
      while text.last == " " { text.removeLast() }
      return text + "\n"
    }.joined()
  }

  /// A cell is one line, and nothing in it steers the terminal.
  private func printable(_ text: String) -> String { text.withoutControlCharacters }
}

extension String {
  /// Control characters as blanks: what comes from a gateway or a script must not steer the terminal.
  var withoutControlCharacters: String {
    guard unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else { return self }
    return String(String.UnicodeScalarView(unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 }))
  }
}
