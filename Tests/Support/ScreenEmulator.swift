/// A terminal that never scrolls: text, `\r`, `\n`, cursor up, and erasing; colours are ignored.
struct ScreenEmulator {
  private let columns: Int
  private var rows: [[Character?]] = [[]]
  private var row = 0
  private var column = 0

  init(columns: Int) { self.columns = columns }

  /// What is on the screen, without blanks at line ends and empty lines at the end.
  var lines: [String] {
    var lines = rows.map { cells in
      var line = String(cells.compactMap(\.self))
      while line.last == " " { line.removeLast() }
      return line
    }
    while lines.last == "" { lines.removeLast() }
    return lines
  }

  /// - Parameter text: what came from the terminal's other end, with `\n` where it sent `\r\n`.
  mutating func write(_ text: String) {
    var rest = text[...]
    while let character = rest.popFirst() {
      switch character {
      case "\r": column = 0
      case "\n", "\r\n":
        column = 0
        moveDown()
      case "\u{1B}" where rest.first == "[":
        rest.removeFirst()
        let numbers = rest.prefix { $0.isNumber || $0 == ";" }
        rest = rest.dropFirst(numbers.count)
        if let command = rest.popFirst() { obey(command, Int(numbers)) }
      default: put(character)
      }
    }
  }

  private mutating func obey(_ command: Character, _ number: Int?) {
    switch command {
    case "A": row = max(0, row - (number ?? 1))
    case "J":
      rows.removeSubrange((row + 1)...)
      rows[row] = Array(rows[row].prefix(column))
    case "K": rows[row] = Array(rows[row].prefix(column))
    default: break
    }
  }

  private mutating func put(_ character: Character) {
    let isWide = character.unicodeScalars.contains { (0x2E80...0xFFDC).contains($0.value) || $0.value >= 0x1F300 }
    let width = isWide ? 2 : 1
    if columns - column < width {
      column = 0
      moveDown()
    }
    while rows[row].count < column + width { rows[row].append(" ") }
    rows[row][column] = character
    // The right half of a wide character is no cell of its own.
    if isWide { rows[row][column + 1] = nil }
    column += width
  }

  private mutating func moveDown() {
    row += 1
    if row == rows.count { rows.append([]) }
  }
}
