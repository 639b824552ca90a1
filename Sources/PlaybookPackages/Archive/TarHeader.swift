/// One header of a tar archive, as POSIX's ustar has it.
struct TarHeader {
  static let blockSize = 512

  enum Kind: UInt8 {
    case file = 0x30  // "0"
    case folder = 0x35  // "5"
    case globalComment = 0x67  // "g"
  }

  let name: String
  let kind: Kind
  let size: Int

  // MARK: - Writing

  /// The header of a file: no time, no owner, mode 644.
  ///
  /// The name fits whatever it is: a ``PackagePath`` with a short folder before it.
  static func block(of name: String, size: Int) -> [UInt8] {
    var block = [UInt8](repeating: 0, count: blockSize)
    func put(_ text: String, at offset: Int) {
      block.replaceSubrange(offset..<offset + text.utf8.count, with: text.utf8)
    }
    let (prefix, rest) = split(name)
    put(rest, at: 0)
    put("0000644", at: 100)
    put("0000000", at: 108)
    put("0000000", at: 116)
    put(octal(size, digits: 11), at: 124)
    put("00000000000", at: 136)
    put("0", at: 156)
    put("ustar", at: 257)
    put("00", at: 263)
    put("0000000", at: 329)
    put("0000000", at: 337)
    put(prefix, at: 345)
    put(octal(checksum(of: block[...]), digits: 6), at: 148)
    block[154] = 0
    block[155] = UInt8(ascii: " ")
    return block
  }

  /// A name of more than 100 bytes is cut at a slash.
  private static func split(_ name: String) -> (prefix: String, rest: String) {
    guard name.utf8.count > 100,
      let slash = name.indices.first(where: { name[$0] == "/" && name[$0...].utf8.count <= 101 })
    else { return ("", name) }
    return (String(name[..<slash]), String(name[name.index(after: slash)...]))
  }

  private static func octal(_ number: Int, digits: Int) -> String {
    let text = String(number, radix: 8)
    return String(repeating: "0", count: max(0, digits - text.count)) + text
  }

  /// The sum of the header's bytes, its own field counted as blanks.
  private static func checksum(of block: ArraySlice<UInt8>) -> Int {
    let field = block.startIndex + 148..<block.startIndex + 156
    return block.indices.reduce(0) { $0 + (field.contains($1) ? 32 : Int(block[$1])) }
  }

  // MARK: - Reading

  /// - Throws: ``PackageError`` of kind `refused`: for damage, and for all that is neither a file nor a folder.
  init(_ block: ArraySlice<UInt8>) throws(PackageError) {
    func field(_ offset: Int, _ length: Int) -> ArraySlice<UInt8> {
      block[block.startIndex + offset..<block.startIndex + offset + length]
    }
    guard try Self.number(field(148, 8), "checksum") == Self.checksum(of: block) else {
      throw PackageError(.refused, "the archive is damaged: a header's checksum is wrong")
    }
    guard field(257, 6).elementsEqual(Array("ustar\0".utf8)) else {
      throw PackageError(
        .refused, "a header of the archive is not of the ustar form", hint: "make it with apig-lua pkg pack")
    }
    let prefix = try Self.text(field(345, 155))
    let rest = try Self.text(field(0, 100))
    name = prefix.isEmpty ? rest : prefix + "/" + rest
    size = try Self.number(field(124, 12), "size")
    // Old archives say nothing for a file.
    let flag = field(156, 1).first ?? 0
    guard let kind = flag == 0 ? .file : Kind(rawValue: flag) else {
      throw PackageError(
        .refused, "'\(name.shownName)' is \(Self.description(of: flag)): only files and folders are taken")
    }
    self.kind = kind
  }

  private static func text(_ field: ArraySlice<UInt8>) throws(PackageError) -> String {
    let bytes = field.prefix { $0 != 0 }
    guard field.dropFirst(bytes.count).allSatisfy({ $0 == 0 }) else {
      throw PackageError(.refused, "a name in the archive goes on behind its end")
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw PackageError(.refused, "a name in the archive is no UTF-8")
    }
    return text
  }

  /// Octal digits, ended by blanks or zero bytes; nothing else that some programs write there.
  private static func number(_ field: ArraySlice<UInt8>, _ what: String) throws(PackageError) -> Int {
    let trimmed = field.drop { $0 == UInt8(ascii: " ") }
    let digits = trimmed.prefix { (UInt8(ascii: "0")...UInt8(ascii: "7")).contains($0) }
    guard !digits.isEmpty, digits.count <= 11,
      trimmed.dropFirst(digits.count).allSatisfy({ $0 == 0 || $0 == UInt8(ascii: " ") })
    else { throw PackageError(.refused, "the archive is damaged: a header's \(what) is no number") }
    return digits.reduce(0) { $0 * 8 + Int($1 - UInt8(ascii: "0")) }
  }

  private static func description(of flag: UInt8) -> String {
    switch flag {
    case UInt8(ascii: "1"): "a hard link"
    case UInt8(ascii: "2"): "a symbolic link"
    case UInt8(ascii: "3"), UInt8(ascii: "4"): "a device"
    case UInt8(ascii: "6"): "a FIFO"
    case UInt8(ascii: "S"): "a sparse file"
    case UInt8(ascii: "L"), UInt8(ascii: "K"): "a GNU extension for long names"
    case UInt8(ascii: "x"), UInt8(ascii: "X"): "a pax header"
    default: "of a kind that tar archives of packages do not have"
    }
  }
}
