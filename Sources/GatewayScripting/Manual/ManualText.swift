/// Paragraphs and lists, wrapped to a width.
struct ManualText {
  /// Columns.
  let width: Int
  private(set) var text = ""

  init(width: Int) { self.width = width }

  /// An empty line, unless there is one already.
  mutating func gap() { if !text.isEmpty, !text.hasSuffix("\n\n") { text += "\n" } }

  /// - Parameters:
  ///   - indent: columns before its first line.
  ///   - hanging: columns before the others.
  mutating func paragraph(_ paragraph: String, indent: Int = 0, hanging: Int = 0) {
    var line = String(repeating: " ", count: indent)
    var isEmpty = true
    for word in paragraph.split(separator: " ") {
      if !isEmpty, line.count + 1 + word.count > width {
        text += line + "\n"
        line = String(repeating: " ", count: hanging)
        isEmpty = true
      }
      line += (isEmpty ? "" : " ") + word
      isEmpty = false
    }
    text += line + "\n"
  }

  /// Names with what they mean, in two columns.
  mutating func list(_ items: [(name: String, text: String)]) {
    let column = (items.map(\.name.count).max() ?? 0) + 4
    for item in items {
      let padding = String(repeating: " ", count: column - 2 - item.name.count)
      var part = ManualText(width: width)
      part.paragraph(item.text, indent: column, hanging: column)
      text += "  " + item.name + padding + part.text.dropFirst(column)
    }
  }
}
