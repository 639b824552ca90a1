/// A terminal that never scrolls: text, `\r`, `\n`, moving, inserting, deleting and erasing; colours are ignored.
struct ScreenEmulator {
  private var columns: Int
  private var rows: [[Character?]] = [[]]
  private var row = 0
  private var column = 0

  init(columns: Int) { self.columns = columns }

  /// A cell of the screen.
  private struct Place {
    var row = 0
    var column = 0
  }

  /// Behind what was found last; what is erased and painted anew there can be found again.
  private var found = Place()

  /// Goes behind the next occurrence of a text within one row.
  ///
  /// - Returns: whether there is one.
  mutating func find(_ text: String) -> Bool {
    let wanted = Array(text)
    for row in found.row..<rows.count {
      let cells = rows[row].enumerated().filter { $0.element != nil && (row > found.row || $0.offset >= found.column) }
      guard cells.count >= wanted.count else { continue }
      for first in 0...(cells.count - wanted.count)
      where cells[first..<(first + wanted.count)].elementsEqual(wanted, by: { $0.element == $1 }) {
        if !wanted.isEmpty { found = Place(row: row, column: cells[first + wanted.count - 1].offset + 1) }
        return true
      }
    }
    return false
  }

  private mutating func didErase() {
    if found.row >= row { found = Place(row: row, column: found.row > row ? column : min(found.column, column)) }
  }

  /// Rows stay as they are: what was shown is laid out anew by whoever showed it.
  mutating func resize(columns: Int) { self.columns = columns }

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
      case "\u{8}": column = max(0, column - 1)
      case "\u{7}": break
      case "\u{1B}" where rest.first == "[":
        rest.removeFirst()
        let numbers = rest.prefix { $0.isNumber || $0 == ";" || $0 == "?" }
        rest = rest.dropFirst(numbers.count)
        if let command = rest.popFirst() { obey(command, Int(numbers)) }
      default: put(character)
      }
    }
  }

  private mutating func obey(_ command: Character, _ number: Int?) {
    switch command {
    case "A": row = max(0, row - (number ?? 1))
    case "B": for _ in 0..<(number ?? 1) { moveDown() }
    case "C": column += number ?? 1
    case "G": column = (number ?? 1) - 1
    case "D": column = max(0, column - (number ?? 1))
    case "P": rows[row].removeSubrange(min(column, rows[row].count)..<min(column + (number ?? 1), rows[row].count))
    case "@" where column < rows[row].count:
      rows[row].insert(contentsOf: [Character?](repeating: " ", count: number ?? 1), at: column)
    case "J":
      rows.removeSubrange((row + 1)...)
      rows[row] = Array(rows[row].prefix(column))
      didErase()
    case "K":
      rows[row] = Array(rows[row].prefix(column))
      if found.row == row { didErase() }
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
