/// One line of a ``LiveRegion``: pieces of text, each with its colour.
struct RegionLine: Sendable, Equatable {
  struct Piece: Sendable, Equatable {
    let text: String
    let meaning: Style.Meaning?
  }

  private(set) var pieces: [Piece]
  /// What stands at the right edge where there is room for it.
  var trailing: String?

  init(_ text: String, _ meaning: Style.Meaning? = nil, trailing: String? = nil) {
    pieces = [Piece(text: text.withoutControlCharacters, meaning: meaning)]
    self.trailing = trailing
  }

  mutating func append(_ text: String, _ meaning: Style.Meaning? = nil) {
    pieces.append(Piece(text: text.withoutControlCharacters, meaning: meaning))
  }

  /// Without colours and what stands at the right edge.
  var plainText: String { pieces.map(\.text).joined() }

  /// As it is painted, in at most so many columns.
  ///
  /// - Returns: the text with its colours, and how wide it is.
  func painted(columns: Int, style: Style) -> (text: String, width: Int) {
    var text = ""
    var width = 0
    for piece in pieces where !piece.text.isEmpty {
      let part = piece.text.fitting(columns: columns - width)
      text += piece.meaning.map { style.text(part, $0) } ?? part
      width += part.displayWidth
      if part != piece.text { return (text, width) }
    }
    if let trailing, width + 3 + trailing.displayWidth <= columns {
      // A line of at most 80 columns reads best, however wide the terminal is.
      let blanks = Swift.max(3, Swift.min(columns, 80) - width - trailing.displayWidth)
      text += String(repeating: " ", count: blanks) + style.text(trailing, .faint)
      width += blanks + trailing.displayWidth
    }
    return (text, width)
  }
}
