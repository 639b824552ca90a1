extension String {
  /// How many columns of a terminal it takes.
  var displayWidth: Int { reduce(0) { $0 + $1.displayWidth } }

  /// The beginning of it that fits into so many columns; a wide character is not cut in half.
  func fitting(columns: Int) -> String {
    var width = 0
    return String(
      prefix { character in
        width += character.displayWidth
        return width <= columns
      })
  }
}

extension Character {
  /// 0 for what only marks its neighbour, 2 for East Asian wide characters and emoji, otherwise 1.
  fileprivate var displayWidth: Int {
    guard let first = unicodeScalars.first, !isASCII else { return 1 }
    switch first.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format: return 0
    default: break
    }
    let isEmoji = unicodeScalars.contains { $0.properties.isEmojiPresentation || $0.value == 0xFE0F }
    return isEmoji || Self.wide.contains { $0.contains(first.value) } ? 2 : 1
  }

  /// Unicode's East Asian Width W and F, in blocks.
  private static let wide: [ClosedRange<UInt32>] = [
    0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xA960...0xA97C, 0xAC00...0xD7A3, 0xF900...0xFAFF,
    0xFE10...0xFE19, 0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F900...0x1F9FF,
    0x20000...0x3FFFD,
  ]
}
