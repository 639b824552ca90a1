/// A tar archive, made field by field, so that it can be made wrong.
struct HostileTar {
  /// A header's fields as they are written; the checksum is made to fit them.
  struct Entry {
    var name = "package/init.lua"
    var prefix = ""
    var kind: Character = "0"
    var link = ""
    var content: [UInt8] = []
    /// In place of the content's length.
    var size: String?
    var magic = "ustar\u{0}00"
    var checksum: String?
  }

  var entries: [Entry]
  var end = [UInt8](repeating: 0, count: 1024)

  init(_ entries: [Entry]) { self.entries = entries }

  /// A package that is fine, with more entries.
  static func package(adding entries: Entry...) -> HostileTar {
    HostileTar(
      [file("package/package.yaml", "name: acme/rotate\nversion: 1.0.0\n"), file("package/init.lua", "return 1")]
        + entries)
  }

  static func package(adding entries: [Entry]) -> HostileTar {
    var tar = package()
    tar.entries += entries
    return tar
  }

  static func file(_ name: String, _ content: String = "return {}") -> Entry {
    Entry(name: name, content: Array(content.utf8))
  }

  var bytes: [UInt8] {
    entries.flatMap { entry in
      let padding = (512 - entry.content.count % 512) % 512
      return Self.header(entry) + entry.content + [UInt8](repeating: 0, count: padding)
    } + end
  }

  private static func header(_ entry: Entry) -> [UInt8] {
    var block = [UInt8](repeating: 0, count: 512)
    func put(_ text: String, _ offset: Int) {
      let bytes = Array(text.utf8)
      block.replaceSubrange(offset..<offset + bytes.count, with: bytes)
    }
    put(entry.name, 0)
    put("0000644\u{0}0000000\u{0}0000000\u{0}", 100)
    put(entry.size ?? octal(entry.content.count, 11), 124)
    put("00000000000", 136)
    put("        ", 148)
    put(String(entry.kind), 156)
    put(entry.link, 157)
    put(entry.magic, 257)
    put(entry.prefix, 345)
    put(entry.checksum ?? octal(block.reduce(0) { $0 + Int($1) }, 6) + "\u{0} ", 148)
    return block
  }

  private static func octal(_ number: Int, _ digits: Int) -> String {
    let text = String(number, radix: 8)
    return String(repeating: "0", count: digits - text.count) + text
  }
}
