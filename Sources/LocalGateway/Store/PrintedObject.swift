internal import GatewayAPI

/// Prints a stored object with what the gateway adds to it; what is stored is copied, not read and printed again.
enum PrintedObject {
  /// Appends the object, its members sorted by name.
  ///
  /// - Parameters:
  ///   - stored: JSON; only what `Document.json` could have printed is taken.
  ///   - added: members that take the place of stored ones, sorted by name.
  ///   - defaults: members for those that are not stored, sorted by name, none of them among the added.
  /// - Returns: false when the stored text has another form; nothing is appended then.
  static func print(
    _ stored: String, adding added: [JSONMember], defaults: [JSONMember], into output: inout [UInt8]
  ) -> Bool {
    let start = output.count
    var members = StoredMembers(stored)
    var (nextAdded, nextDefault) = (0, 0)
    func add(_ member: JSONMember) {
      if output.last != UInt8(ascii: "{") { output.append(UInt8(ascii: ",")) }
      member.print(into: &output)
    }
    /// Adds what stands before a name; at the end, all that is left.
    func addAll(before name: ArraySlice<UInt8>?) {
      while true {
        let isDefaultNext =
          nextAdded == added.count
          || (nextDefault < defaults.count && defaults[nextDefault].name < added[nextAdded].name)
        guard !isDefaultNext || nextDefault < defaults.count else { return }
        let next = isDefaultNext ? defaults[nextDefault] : added[nextAdded]
        if let name, !(next.name < name) { return }
        if isDefaultNext { nextDefault += 1 } else { nextAdded += 1 }
        add(next)
      }
    }
    output.append(UInt8(ascii: "{"))
    while let member = members.next() {
      addAll(before: member.name)
      if nextAdded < added.count, added[nextAdded].name == member.name { continue }
      if nextDefault < defaults.count, defaults[nextDefault].name == member.name { nextDefault += 1 }
      if output.last != UInt8(ascii: "{") { output.append(UInt8(ascii: ",")) }
      output.append(contentsOf: member.text)
    }
    guard members.isComplete else {
      output.removeSubrange(start...)
      return false
    }
    addAll(before: nil)
    output.append(UInt8(ascii: "}"))
    return true
  }
}

/// The members of an object as it is stored, one after the other.
struct StoredMembers {
  struct Member {
    /// Without its quotes.
    let name: ArraySlice<UInt8>
    /// Name, colon and value.
    let text: ArraySlice<UInt8>
  }

  private let bytes: [UInt8]
  private var position = 0
  private var lastName: ArraySlice<UInt8>?
  /// Whether all of the text was an object with plain names in their order, and nothing between its parts.
  private(set) var isComplete = false

  init(_ text: String) { bytes = Array(text.utf8) }

  /// Nil at the end, and where the text is not as expected.
  mutating func next() -> Member? {
    if position == 0 {
      guard skip("{") else { return nil }
      if skip("}") { return end() }
    } else if !skip(",") {
      return skip("}") ? end() : nil
    }
    let start = position
    guard let name = name(), skip(":"), skipValue() else { return nil }
    return Member(name: name, text: bytes[start..<position])
  }

  private mutating func end() -> Member? {
    isComplete = position == bytes.count
    return nil
  }

  private mutating func skip(_ character: Unicode.Scalar) -> Bool {
    guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  /// A name in ASCII without escapes, behind the one before it.
  private mutating func name() -> ArraySlice<UInt8>? {
    guard skip("\"") else { return nil }
    let start = position
    while position < bytes.count, 0x20..<0x80 ~= bytes[position], bytes[position] != UInt8(ascii: "\""),
      bytes[position] != UInt8(ascii: "\\")
    {
      position += 1
    }
    let name = bytes[start..<position]
    guard skip("\""), lastName.map({ $0.lexicographicallyPrecedes(name) }) ?? true else { return nil }
    lastName = name
    return name
  }

  private mutating func skipValue() -> Bool {
    guard position < bytes.count else { return false }
    switch bytes[position] {
    case UInt8(ascii: "\""): return skipString()
    case UInt8(ascii: "{"), UInt8(ascii: "["): return skipNested()
    default: return skipWord()
    }
  }

  private mutating func skipString() -> Bool {
    position += 1
    while position < bytes.count {
      switch bytes[position] {
      case UInt8(ascii: "\""):
        position += 1
        return true
      case UInt8(ascii: "\\"): position += 2
      default: position += 1
      }
    }
    return false
  }

  private mutating func skipNested() -> Bool {
    var depth = 0
    while position < bytes.count {
      switch bytes[position] {
      case UInt8(ascii: "\""):
        guard skipString() else { return false }
        continue
      case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
      default: break
      }
      position += 1
      if depth == 0 { return true }
    }
    return false
  }

  /// A number or one of JSON's words.
  private mutating func skipWord() -> Bool {
    let start = position
    while position < bytes.count, isOfWord(bytes[position]) { position += 1 }
    return position > start
  }

  private func isOfWord(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "E"),
      UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."):
      true
    default: false
    }
  }
}

extension StaticString {
  fileprivate static func < (left: StaticString, right: StaticString) -> Bool {
    left.withUTF8Buffer { left in right.withUTF8Buffer { left.lexicographicallyPrecedes($0) } }
  }

  fileprivate static func < (left: StaticString, right: ArraySlice<UInt8>) -> Bool {
    left.withUTF8Buffer { $0.lexicographicallyPrecedes(right) }
  }

  fileprivate static func == (left: StaticString, right: ArraySlice<UInt8>) -> Bool {
    left.utf8CodeUnitCount == right.count && left.withUTF8Buffer { $0.elementsEqual(right) }
  }
}
