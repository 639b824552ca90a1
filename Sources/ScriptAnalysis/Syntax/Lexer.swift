/// Cuts a source into tokens, as Lua 5.4 does.
struct Lexer {
  let bytes: [UInt8]
  var index = 0

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    // The line that tells a shell what runs the script.
    if bytes.first == UInt8(ascii: "#") { index = bytes.firstIndex(of: 10) ?? bytes.count }
  }

  var current: UInt8? { index < bytes.count ? bytes[index] : nil }

  func byte(after distance: Int) -> UInt8? { index + distance < bytes.count ? bytes[index + distance] : nil }

  mutating func next() throws(SyntaxError) -> Token {
    try skipBlanks()
    let start = index
    guard let byte = current else { return Token(kind: .end, range: start..<start) }
    let kind: Token.Kind
    switch byte {
    case _ where byte.isNameStart: kind = name()
    case _ where byte.isDigit: kind = try number()
    case UInt8(ascii: ".") where self.byte(after: 1)?.isDigit == true: kind = try number()
    case UInt8(ascii: "\""), UInt8(ascii: "'"): kind = .string(try quotedString(byte))
    case UInt8(ascii: "["):
      if let level = longBracketLevel() {
        kind = .string(try longText(level, what: "string"))
      } else if self.byte(after: 1) == UInt8(ascii: "=") {
        throw SyntaxError(message: "invalid long string delimiter", offset: start)
      } else {
        kind = try sign()
      }
    default: kind = try sign()
    }
    return Token(kind: kind, range: start..<index)
  }

  // MARK: - Between tokens

  private mutating func skipLine() {
    while let byte = current, byte != 10, byte != 13 { index += 1 }
  }

  private mutating func skipBlanks() throws(SyntaxError) {
    while let byte = current {
      switch byte {
      case 9...13, 32: index += 1
      case UInt8(ascii: "-") where self.byte(after: 1) == UInt8(ascii: "-"):
        index += 2
        if let level = longBracketLevel() {
          _ = try longText(level, what: "comment")
        } else {
          skipLine()
        }
      default: return
      }
    }
  }

  // MARK: - Words and signs

  private mutating func name() -> Token.Kind {
    let start = index
    while let byte = current, byte.isNameStart || byte.isDigit { index += 1 }
    let text = String(decoding: bytes[start..<index], as: UTF8.self)
    return Keyword.byText[text].map(Token.Kind.keyword) ?? .name(text)
  }

  private mutating func sign() throws(SyntaxError) -> Token.Kind {
    for (text, sign) in Sign.byLength where bytes[index...].starts(with: text) {
      index += text.count
      return .sign(sign)
    }
    throw SyntaxError(message: "unexpected symbol", offset: index)
  }
}

extension UInt8 {
  var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }

  var isNameStart: Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self | 0x20) || self == UInt8(ascii: "_")
  }

  /// The value of a hexadecimal digit.
  var hexadecimalValue: UInt8? {
    if isDigit { return self - UInt8(ascii: "0") }
    let letter = self | 0x20
    guard (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(letter) else { return nil }
    return letter - UInt8(ascii: "a") + 10
  }

  var isLineEnd: Bool { self == 10 || self == 13 }
}
