extension Lexer {
  // MARK: - Numbers

  /// A numeral: all that looks like a part of one is taken, then it must be one as a whole.
  mutating func number() throws(SyntaxError) -> Token.Kind {
    let start = index
    let isHexadecimal = current == UInt8(ascii: "0") && (byte(after: 1) ?? 0) | 0x20 == UInt8(ascii: "x")
    if isHexadecimal { index += 2 }
    let exponent = isHexadecimal ? UInt8(ascii: "p") : UInt8(ascii: "e")
    while let byte = current {
      if byte | 0x20 == exponent {
        index += 1
        if let sign = current, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") { index += 1 }
      } else if byte.hexadecimalValue != nil || byte == UInt8(ascii: ".") {
        index += 1
      } else {
        break
      }
    }
    // A name must not touch a number.
    while let byte = current, byte.isNameStart || byte.isDigit { index += 1 }
    let text = bytes[start..<index]
    guard let kind = isHexadecimal ? Self.hexadecimal(text.dropFirst(2)) : Self.decimal(text) else {
      throw SyntaxError(message: "malformed number", offset: start)
    }
    return kind
  }

  private static func decimal(_ text: ArraySlice<UInt8>) -> Token.Kind? {
    guard let form = NumeralForm(text, exponent: UInt8(ascii: "e"), isDigit: \.isDigit) else { return nil }
    let written = String(decoding: text, as: UTF8.self)
    if form.isInteger, let integer = Int64(written) { return .integer(integer) }
    return .float(Double(written) ?? .infinity)
  }

  /// - Parameter text: what stands behind `0x`.
  private static func hexadecimal(_ text: ArraySlice<UInt8>) -> Token.Kind? {
    guard let form = NumeralForm(text, exponent: UInt8(ascii: "p"), isDigit: { $0.hexadecimalValue != nil }) else {
      return nil
    }
    guard form.isInteger else { return .float(Double("0x" + String(decoding: text, as: UTF8.self)) ?? .infinity) }
    // Too many digits wrap around.
    return .integer(text.reduce(0) { $0 &* 16 &+ Int64($1.hexadecimalValue ?? 0) })
  }

  // MARK: - Strings

  mutating func quotedString(_ quote: UInt8) throws(SyntaxError) -> [UInt8] {
    let start = index
    index += 1
    var text: [UInt8] = []
    while let byte = current {
      switch byte {
      case quote:
        index += 1
        return text
      case 10, 13: throw SyntaxError(message: "unfinished string", offset: start)
      case UInt8(ascii: "\\"): try escape(into: &text)
      default:
        text.append(byte)
        index += 1
      }
    }
    throw SyntaxError(message: "unfinished string", offset: start)
  }

  private static let plainEscapes: [UInt8: UInt8] = [
    UInt8(ascii: "a"): 7, UInt8(ascii: "b"): 8, UInt8(ascii: "f"): 12, UInt8(ascii: "n"): 10, UInt8(ascii: "r"): 13,
    UInt8(ascii: "t"): 9, UInt8(ascii: "v"): 11, UInt8(ascii: "\\"): UInt8(ascii: "\\"),
    UInt8(ascii: "\""): UInt8(ascii: "\""), UInt8(ascii: "'"): UInt8(ascii: "'"),
  ]

  private mutating func escape(into text: inout [UInt8]) throws(SyntaxError) {
    let start = index
    index += 1
    guard let byte = current else { throw SyntaxError(message: "unfinished string", offset: start) }
    index += 1
    switch byte {
    case 10, 13:
      if let other = current, other.isLineEnd, other != byte { index += 1 }
      text.append(10)
    case UInt8(ascii: "z"):
      while let blank = current, (9...13).contains(blank) || blank == 32 { index += 1 }
    case UInt8(ascii: "x"):
      var value: UInt8 = 0
      for _ in 0..<2 {
        guard let digit = current?.hexadecimalValue else {
          throw SyntaxError(message: "hexadecimal digit expected", offset: start)
        }
        value = value << 4 | digit
        index += 1
      }
      text.append(value)
    case UInt8(ascii: "u"): try codePoint(from: start, into: &text)
    case _ where byte.isDigit:
      var value = Int(byte - UInt8(ascii: "0"))
      for _ in 0..<2 {
        guard let digit = current, digit.isDigit else { break }
        value = value * 10 + Int(digit - UInt8(ascii: "0"))
        index += 1
      }
      guard let character = UInt8(exactly: value) else {
        throw SyntaxError(message: "decimal escape too large", offset: start)
      }
      text.append(character)
    default:
      guard let character = Self.plainEscapes[byte] else {
        throw SyntaxError(message: "invalid escape sequence", offset: start)
      }
      text.append(character)
    }
  }

  /// `\u{XXX}`: up to 2³¹, as UTF-8 once was.
  private mutating func codePoint(from start: Int, into text: inout [UInt8]) throws(SyntaxError) {
    guard current == UInt8(ascii: "{") else { throw SyntaxError(message: "missing '{' in \\u{xxxx}", offset: start) }
    index += 1
    var value: UInt64 = 0
    var count = 0
    while let digit = current?.hexadecimalValue {
      value = value << 4 | UInt64(digit)
      guard value < 1 << 31 else { throw SyntaxError(message: "UTF-8 value too large", offset: start) }
      index += 1
      count += 1
    }
    guard count > 0 else { throw SyntaxError(message: "hexadecimal digit expected", offset: start) }
    guard current == UInt8(ascii: "}") else { throw SyntaxError(message: "missing '}' in \\u{xxxx}", offset: start) }
    index += 1
    let scalar = UInt32(exactly: value).flatMap(Unicode.Scalar.init) ?? "\u{FFFD}"
    text.append(contentsOf: String(Character(scalar)).utf8)
  }

  // MARK: - Long brackets

  /// How many equals signs stand in the long bracket that opens here; nil when none does.
  func longBracketLevel() -> Int? {
    guard current == UInt8(ascii: "[") else { return nil }
    var level = 0
    while byte(after: 1 + level) == UInt8(ascii: "=") { level += 1 }
    return byte(after: 1 + level) == UInt8(ascii: "[") ? level : nil
  }

  mutating func longText(_ level: Int, what: String) throws(SyntaxError) -> [UInt8] {
    let start = index
    index += level + 2
    if let byte = current, byte.isLineEnd {
      index += 1
      if let other = current, other.isLineEnd, other != byte { index += 1 }
    }
    let close = [UInt8(ascii: "]")] + Array(repeating: UInt8(ascii: "="), count: level) + [UInt8(ascii: "]")]
    let first = index
    while index < bytes.count {
      if bytes[index] == close[0], bytes[index...].starts(with: close) {
        defer { index += close.count }
        return Array(bytes[first..<index])
      }
      index += 1
    }
    throw SyntaxError(message: "unfinished long \(what)", offset: start)
  }
}

/// The form of a numeral: digits, at most one dot, at most one exponent.
private struct NumeralForm {
  let isInteger: Bool

  init?(_ text: ArraySlice<UInt8>, exponent: UInt8, isDigit: (UInt8) -> Bool) {
    var rest = text
    let whole = rest.prefix(while: isDigit)
    rest = rest.dropFirst(whole.count)
    var fraction: ArraySlice<UInt8> = []
    let hasDot = rest.first == UInt8(ascii: ".")
    if hasDot {
      rest = rest.dropFirst()
      fraction = rest.prefix(while: isDigit)
      rest = rest.dropFirst(fraction.count)
    }
    guard !whole.isEmpty || !fraction.isEmpty else { return nil }
    let hasExponent = rest.first.map { $0 | 0x20 == exponent } ?? false
    if hasExponent {
      rest = rest.dropFirst()
      if rest.first == UInt8(ascii: "+") || rest.first == UInt8(ascii: "-") { rest = rest.dropFirst() }
      let digits = rest.prefix(while: \.isDigit)
      guard !digits.isEmpty else { return nil }
      rest = rest.dropFirst(digits.count)
    }
    guard rest.isEmpty else { return nil }
    isInteger = !hasDot && !hasExponent
  }
}
