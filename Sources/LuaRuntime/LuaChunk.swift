/// Source text with a name. A first line that starts with `#` is skipped; bytecode is refused.
public struct LuaChunk: Sendable {
  /// Shown in errors as `release.lua`; the first 59 bytes of it. One that begins with a bracket gets a `./`: such names
  /// are those of preludes.
  public let name: String
  public let source: [UInt8]

  public init(name: String, source: [UInt8]) {
    self.name = name.hasPrefix("[") ? "./" + name : name
    self.source = source
  }

  public init(name: String, source: String) { self.init(name: name, source: Array(source.utf8)) }
}
