/// The bytes of a script, and where its lines begin.
public struct SourceText: Sendable {
  let bytes: [UInt8]
  /// Offset of the first byte of each line.
  private let lineStarts: [Int]
  /// Whether each byte is a character: then those of a long line need not be counted.
  private let isASCII: Bool

  public init(_ bytes: [UInt8]) {
    self.bytes = bytes
    var starts = [0]
    var index = 0
    while index < bytes.count {
      let byte = bytes[index]
      index += 1
      guard byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") else { continue }
      // Lua takes \r\n and \n\r for one end of a line.
      if index < bytes.count, bytes[index] != byte, bytes[index] == 10 || bytes[index] == 13 { index += 1 }
      starts.append(index)
    }
    lineStarts = starts
    isASCII = bytes.allSatisfy { $0 < 0x80 }
  }

  var lineCount: Int { lineStarts.count }

  /// The line, from 1, that holds a byte.
  func line(at offset: Int) -> Int {
    var low = 0
    var high = lineStarts.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if lineStarts[middle] <= offset { low = middle } else { high = middle }
    }
    return low + 1
  }

  /// Line and column, in characters, from 1.
  func position(at offset: Int) -> ScriptPosition {
    let line = line(at: offset)
    let start = lineStarts[line - 1]
    if isASCII { return ScriptPosition(line: line, column: max(0, min(offset, bytes.count) - start) + 1) }
    let before = String(decoding: bytes[start..<max(start, min(offset, bytes.count))], as: UTF8.self)
    return ScriptPosition(line: line, column: before.count + 1)
  }

  /// A line without its end; nil when there is none of this number.
  public func text(ofLine line: Int) -> String? {
    guard let range = range(ofLine: line) else { return nil }
    return String(decoding: bytes[range], as: UTF8.self)
  }

  func range(ofLine line: Int) -> Range<Int>? {
    guard (1...lineStarts.count).contains(line) else { return nil }
    let start = lineStarts[line - 1]
    var end = line < lineStarts.count ? lineStarts[line] : bytes.count
    while end > start, bytes[end - 1] == 10 || bytes[end - 1] == 13 { end -= 1 }
    return start..<end
  }

  func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }
}

/// A place in a script, both from 1; columns count characters.
public struct ScriptPosition: Sendable, Hashable, Comparable {
  public var line: Int
  public var column: Int

  public init(line: Int, column: Int) {
    self.line = line
    self.column = column
  }

  public static func < (a: ScriptPosition, b: ScriptPosition) -> Bool { (a.line, a.column) < (b.line, b.column) }
}
