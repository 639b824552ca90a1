/// Why some bytes are not a JSON text, and where.
public struct JSONSyntaxError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What was found or missing, as a phrase: "unexpected end of input".
  public let reason: String
  /// Offset of the offending byte, from 0.
  public let offset: Int

  public var description: String { "\(reason) at byte \(offset)" }
}

extension Document {
  /// Nesting deeper than this is refused, so that a hostile answer cannot exhaust the stack.
  public static let maximumDepth = 128

  /// Whether it has more levels than so many; what is neither object nor list has one.
  public func isNested(deeperThan levels: Int) -> Bool {
    guard levels > 0 else { return true }
    return switch self {
    case .object(let members): members.values.contains { $0.isNested(deeperThan: levels - 1) }
    case .array(let elements): elements.contains { $0.isNested(deeperThan: levels - 1) }
    default: false
    }
  }

  /// Parses a JSON text (RFC 8259).
  ///
  /// Why not Foundation's decoder: a gateway's answer has no fixed shape here,
  /// and decoding "any JSON" through `Decodable` tries and throws once per
  /// candidate type and value.
  ///
  /// - Parameter json: the text in UTF-8, white space around it allowed.
  /// - Throws: ``JSONSyntaxError``, with the offset of the first byte that does not fit.
  /// - Complexity: O(n) in the number of bytes.
  public init(json: [UInt8]) throws(JSONSyntaxError) {
    var parser = JSONParser(bytes: json)
    self = try parser.parseText()
  }

  public init(json: String) throws(JSONSyntaxError) {
    try self.init(json: Array(json.utf8))
  }
}

/// A recursive-descent reader of one JSON text.
private struct JSONParser {
  let bytes: [UInt8]
  var position = 0

  init(bytes: [UInt8]) { self.bytes = bytes }

  mutating func parseText() throws(JSONSyntaxError) -> Document {
    let value = try parseValue(depth: 0)
    skipWhiteSpace()
    guard position == bytes.count else { throw failure("unexpected data after the document") }
    return value
  }

  private func failure(_ reason: String) -> JSONSyntaxError {
    JSONSyntaxError(reason: position >= bytes.count ? "unexpected end of input" : reason, offset: position)
  }

  private var current: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func skipWhiteSpace() {
    while let byte = current, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
  }

  private mutating func parseValue(depth: Int) throws(JSONSyntaxError) -> Document {
    skipWhiteSpace()
    guard depth < Document.maximumDepth else { throw failure("nested too deeply") }
    switch current {
    case UInt8(ascii: "{"): return try parseObject(depth: depth)
    case UInt8(ascii: "["): return try parseArray(depth: depth)
    case UInt8(ascii: "\""): return .string(try parseString())
    case UInt8(ascii: "t"): return try parseWord("true", .boolean(true))
    case UInt8(ascii: "f"): return try parseWord("false", .boolean(false))
    case UInt8(ascii: "n"): return try parseWord("null", .null)
    case .some(UInt8(ascii: "-")), .some(UInt8(ascii: "0")...UInt8(ascii: "9")): return try parseNumber()
    default: throw failure("unexpected character")
    }
  }

  private mutating func parseWord(_ word: String, _ value: Document) throws(JSONSyntaxError) -> Document {
    for byte in word.utf8 {
      guard current == byte else { throw failure("unexpected character") }
      position += 1
    }
    return value
  }

  private mutating func parseObject(depth: Int) throws(JSONSyntaxError) -> Document {
    position += 1
    var members: [String: Document] = [:]
    skipWhiteSpace()
    if current == UInt8(ascii: "}") {
      position += 1
      return .object(members)
    }
    while true {
      skipWhiteSpace()
      guard current == UInt8(ascii: "\"") else { throw failure("expected a member's name") }
      let name = try parseString()
      skipWhiteSpace()
      guard current == UInt8(ascii: ":") else { throw failure("expected ':'") }
      position += 1
      members[name] = try parseValue(depth: depth + 1)
      skipWhiteSpace()
      switch current {
      case UInt8(ascii: ","): position += 1
      case UInt8(ascii: "}"):
        position += 1
        return .object(members)
      default: throw failure("expected ',' or '}'")
      }
    }
  }

  private mutating func parseArray(depth: Int) throws(JSONSyntaxError) -> Document {
    position += 1
    var elements: [Document] = []
    skipWhiteSpace()
    if current == UInt8(ascii: "]") {
      position += 1
      return .array(elements)
    }
    while true {
      elements.append(try parseValue(depth: depth + 1))
      skipWhiteSpace()
      switch current {
      case UInt8(ascii: ","): position += 1
      case UInt8(ascii: "]"):
        position += 1
        return .array(elements)
      default: throw failure("expected ',' or ']'")
      }
    }
  }

  private mutating func parseNumber() throws(JSONSyntaxError) -> Document {
    let start = position
    var isInteger = true
    if current == UInt8(ascii: "-") { position += 1 }
    if current == UInt8(ascii: "0") {
      position += 1
    } else {
      try parseDigits()
    }
    if current == UInt8(ascii: ".") {
      isInteger = false
      position += 1
      try parseDigits()
    }
    if current == UInt8(ascii: "e") || current == UInt8(ascii: "E") {
      isInteger = false
      position += 1
      if current == UInt8(ascii: "+") || current == UInt8(ascii: "-") { position += 1 }
      try parseDigits()
    }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    if isInteger, let value = Int64(text) { return .integer(value) }
    guard let value = Double(text), value.isFinite else {
      position = start
      throw failure("number out of range")
    }
    return .number(value)
  }

  private mutating func parseDigits() throws(JSONSyntaxError) {
    guard let first = current, isDigit(first) else { throw failure("expected a digit") }
    while let byte = current, isDigit(byte) { position += 1 }
  }

  private func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }

  private mutating func parseString() throws(JSONSyntaxError) -> String {
    position += 1
    let start = position
    while let byte = current, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20 { position += 1 }
    if current == UInt8(ascii: "\"") {
      let text = try decode(bytes[start..<position])
      position += 1
      return text
    }
    return try parseEscapedString(from: start)
  }

  /// The rest of a string of which at least one escape is part.
  private mutating func parseEscapedString(from start: Int) throws(JSONSyntaxError) -> String {
    var text = Array(bytes[start..<position])
    while let byte = current {
      switch byte {
      case UInt8(ascii: "\""):
        let string = try decode(text[...])
        position += 1
        return string
      case UInt8(ascii: "\\"):
        position += 1
        text.append(contentsOf: try parseEscape())
      case 0..<0x20: throw failure("control character in a string")
      default:
        text.append(byte)
        position += 1
      }
    }
    throw failure("unterminated string")
  }

  private mutating func parseEscape() throws(JSONSyntaxError) -> [UInt8] {
    guard let byte = current else { throw failure("unterminated string") }
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
    case UInt8(ascii: "b"): return [0x08]
    case UInt8(ascii: "f"): return [0x0C]
    case UInt8(ascii: "n"): return [0x0A]
    case UInt8(ascii: "r"): return [0x0D]
    case UInt8(ascii: "t"): return [0x09]
    case UInt8(ascii: "u"): return try parseUnicodeEscape()
    default:
      position -= 1
      throw failure("unknown escape")
    }
  }

  private mutating func parseUnicodeEscape() throws(JSONSyntaxError) -> [UInt8] {
    let unit = try parseHexUnit()
    var scalar = UInt32(unit)
    if unit & 0xFC00 == 0xD800, position + 1 < bytes.count,
      bytes[position] == UInt8(ascii: "\\"), bytes[position + 1] == UInt8(ascii: "u")
    {
      let resume = position
      position += 2
      let low = try parseHexUnit()
      if low & 0xFC00 == 0xDC00 {
        scalar = 0x10000 + (UInt32(unit & 0x3FF) << 10 | UInt32(low & 0x3FF))
      } else {
        position = resume
      }
    }
    // A lone surrogate is legal JSON and no text: it becomes the replacement character.
    return Array(String(Unicode.Scalar(scalar) ?? "\u{FFFD}").utf8)
  }

  private mutating func parseHexUnit() throws(JSONSyntaxError) -> UInt16 {
    var unit: UInt16 = 0
    for _ in 0..<4 {
      guard let byte = current, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
        throw failure("expected a hexadecimal digit")
      }
      unit = unit << 4 | UInt16(digit)
      position += 1
    }
    return unit
  }

  private func decode(_ slice: ArraySlice<UInt8>) throws(JSONSyntaxError) -> String {
    // Nearly all of it is ASCII, and the check that follows costs several times what making the text does.
    if slice.allSatisfy({ $0 < 0x80 }) { return String(decoding: slice, as: UTF8.self) }
    guard let text = String(validating: slice, as: UTF8.self) else { throw failure("invalid UTF-8 in a string") }
    return text
  }
}
