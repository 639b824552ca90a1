internal import ScriptAnalysis

/// The line that a finding points at, carets under what it is about, and what to do beside them.
struct FindingExcerpt {
  /// Under the message, where the carets have no place for it.
  static let indentation = String(repeating: " ", count: 8)
  private static let most = 120
  /// How much of a long line is shown before what the finding is about.
  private static let before = 60

  private let number: Int
  private let line: String
  private let blanks: Int
  private let carets: Int
  private let hint: String?

  /// - Parameters:
  ///   - characters: the whole line's; only what is shown of them is kept.
  ///   - end: the first character behind what the finding is about, maybe on a later line.
  init(line characters: [Character], start: ScriptPosition, end: ScriptPosition?, hint: String?) {
    self.hint = hint?.withoutControlCharacters
    number = start.line
    let column = min(start.column - 1, characters.count)
    let last = end.map { $0.line == start.line ? min($0.column - 1, characters.count) : characters.count } ?? column
    let from = column > Self.most - 20 ? column - Self.before : 0
    let shown = characters[from...].prefix(Self.most)
    let isCut = from + shown.count < characters.count
    var text = (from > 0 ? "…" : "") + String(shown).withoutControlCharacters + (isCut ? "…" : "")
    while text.last == " " { text.removeLast() }
    self.line = text
    blanks = String(characters[from..<column]).withoutControlCharacters.displayWidth + (from > 0 ? 1 : 0)
    let meant = characters[column..<max(column, min(last, from + shown.count))]
    carets = max(1, String(meant).withoutControlCharacters.displayWidth)
  }

  func text(style: Style) -> String {
    let margin = String(repeating: " ", count: max(0, 5 - String(number).count)) + String(number)
    let gap = String(repeating: " ", count: margin.count)
    var text = style.text("\(margin) |", .faint) + " \(line)\n"
    let space = String(repeating: " ", count: blanks)
    let marks = style.text(String(repeating: "^", count: carets), .failed)
    let fits = hint.map { blanks + carets + $0.count <= Self.most } ?? false
    text += style.text("\(gap) |", .faint) + " \(space)\(marks)" + (fits ? " \(hint ?? "")" : "") + "\n"
    if let hint, !fits { text += style.text("\(gap) |", .faint) + " \(hint)\n" }
    return text
  }
}
