internal import LuaRuntime

/// The line of the script that an error points at, with a caret under what it is about.
///
/// Lua knows lines only; the column is that of the name or text in quotation marks that the message speaks of, when the
/// line has it, else that of the line's first word.
struct SourceExcerpt {
  private static let most = 120

  private let number: Int
  private let line: String
  private let caret: Int

  /// - Parameter names: words besides those that the message quotes, the more specific first: the operation, an option.
  init?(of chunk: LuaChunk, at number: Int, message: String, names: [String] = []) {
    let lines = chunk.source.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    guard lines.indices.contains(number - 1) else { return nil }
    let text = String(decoding: lines[number - 1], as: UTF8.self).withoutControlCharacters
    self.number = number
    caret = Self.column(in: text, of: Self.quoted(in: message) + names)
    line = text.count > Self.most ? String(text.prefix(Self.most - 1)) + "…" : text
  }

  func text(style: Style) -> String {
    let margin = String(number)
    var text = "  \(style.text(margin + " |", .faint)) \(line)\n"
    if caret < Self.most - 1, !line.allSatisfy(\.isWhitespace) {
      let bar = String(repeating: " ", count: margin.count) + " |"
      text += "  \(style.text(bar, .faint)) \(String(repeating: " ", count: caret))\(style.text("^", .failed))\n"
    }
    return text
  }

  private static func quoted(in message: String) -> [String] {
    let parts = message.split(separator: "'", omittingEmptySubsequences: false)
    return parts.enumerated().compactMap { $0.offset % 2 == 1 ? String($0.element) : nil }
  }

  private static func column(in line: String, of names: [String]) -> Int {
    for name in names where !name.isEmpty {
      if let column = column(in: line, ofWord: name) { return column }
    }
    return line.prefix { $0.isWhitespace }.count
  }

  /// Where `word` stands in the line and is no part of a longer name.
  private static func column(in line: String, ofWord word: String) -> Int? {
    func isPart(_ character: Character?) -> Bool {
      character.map { $0.isLetter || $0.isNumber || $0 == "_" } ?? false
    }
    for range in line.ranges(of: word) {
      let before = range.lowerBound > line.startIndex ? line[line.index(before: range.lowerBound)] : nil
      let after = range.upperBound < line.endIndex ? line[range.upperBound] : nil
      if isPart(before) && isPart(word.first) || isPart(after) && isPart(word.last) { continue }
      return line.distance(from: line.startIndex, to: range.lowerBound)
    }
    return nil
  }
}
