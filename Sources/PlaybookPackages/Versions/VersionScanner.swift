/// Reads versions and ranges, byte by byte and never twice.
struct VersionScanner {
  /// A version of which parts may be missing: `1`, `1.2`, `1.x`, `*`.
  struct Core {
    /// 0 where it is missing.
    var major = 0
    var minor: Int?
    var patch: Int?
    var prerelease: [SemanticVersion.Identifier] = []
    var build = ""
    /// Whether nothing is named at all: `*`.
    var isAny = false
  }

  private let bytes: [UInt8]
  private var position = 0

  init(_ text: String) { bytes = Array(text.utf8) }

  var isAtEnd: Bool { position == bytes.count }

  /// The rest of the text, for messages.
  var rest: String { String(decoding: bytes[position...].prefix(40), as: UTF8.self) }

  mutating func skipBlanks() {
    while peek == UInt8(ascii: " ") { position += 1 }
  }

  /// Takes a text if it is next.
  mutating func take(_ text: String) -> Bool {
    guard bytes[position...].starts(with: text.utf8) else { return false }
    position += text.utf8.count
    return true
  }

  /// A version, whole or in part; nil for what is none.
  mutating func core() -> Core? {
    var core = Core()
    var parts: [Int] = []
    var hasPlaceholder = false
    repeat {
      if takesPlaceholder() {
        hasPlaceholder = true
      } else {
        // `1.x.3` names no versions.
        guard !hasPlaceholder, let number = number() else { return nil }
        parts.append(number)
      }
    } while parts.count + (hasPlaceholder ? 1 : 0) < 3 && take(".")
    // `1.x.x` says no more than `1.x`.
    while hasPlaceholder, peek == UInt8(ascii: ".") {
      position += 1
      guard takesPlaceholder() else { return nil }
    }
    core.isAny = parts.isEmpty
    core.major = parts.first ?? 0
    core.minor = parts.count > 1 ? parts[1] : nil
    core.patch = parts.count > 2 ? parts[2] : nil
    guard core.patch != nil else { return core }
    if take("-") {
      guard let identifiers = identifiers() else { return nil }
      for text in identifiers {
        guard let identifier = Self.prereleaseIdentifier(text) else { return nil }
        core.prerelease.append(identifier)
      }
    }
    if take("+") {
      guard let identifiers = identifiers() else { return nil }
      core.build = identifiers.joined(separator: ".")
    }
    return core
  }

  private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func takesPlaceholder() -> Bool {
    guard let peek, [UInt8(ascii: "x"), UInt8(ascii: "X"), UInt8(ascii: "*")].contains(peek) else { return false }
    position += 1
    return true
  }

  /// Without leading zeros, and no larger than any that counts up.
  private mutating func number() -> Int? {
    let start = position
    while let peek, Self.isDigit(peek) { position += 1 }
    return Self.number(bytes[start..<position])
  }

  /// Words of letters, digits and hyphens, joined by dots.
  private mutating func identifiers() -> [String]? {
    let start = position
    while let peek, Self.isDigit(peek) || Self.isLetter(peek) || "-.".utf8.contains(peek) { position += 1 }
    let words = bytes[start..<position].split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard words.allSatisfy({ !$0.isEmpty }) else { return nil }
    return words.map { String(decoding: $0, as: UTF8.self) }
  }

  private static func prereleaseIdentifier(_ text: String) -> SemanticVersion.Identifier? {
    guard text.utf8.allSatisfy(isDigit) else { return .word(text) }
    return number(ArraySlice(text.utf8)).map { .number($0) }
  }

  private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
    guard let first = digits.first, digits.count <= 15, first != UInt8(ascii: "0") || digits.count == 1 else {
      return nil
    }
    return digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

  private static func isLetter(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
  }
}
