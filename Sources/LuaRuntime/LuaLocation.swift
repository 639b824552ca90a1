/// A line of a chunk, shown as `release.lua:21`.
public struct LuaLocation: Sendable, Hashable, CustomStringConvertible {
  public var chunk: String
  /// From 1.
  public var line: Int

  public init(chunk: String, line: Int) {
    self.chunk = chunk
    self.line = line
  }

  public var description: String { "\(chunk):\(line)" }

  /// Reads `release.lua:21`.
  init?(_ text: String) {
    guard let colon = text.lastIndex(of: ":"), let line = Int(text[text.index(after: colon)...]) else { return nil }
    self.init(chunk: String(text[..<colon]), line: line)
  }
}
