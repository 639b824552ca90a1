internal import LuaRuntime

/// What Lua's compiler says against a script, with the column that it does not tell.
struct SyntaxComplaint {
  private let error: LuaError
  private let text: SourceText

  init(_ error: LuaError, in text: SourceText) {
    self.error = error
    self.text = text
  }

  var finding: ScriptFinding {
    let line = min(error.location?.line ?? 1, text.lineCount)
    let range = range(in: line)
    return ScriptFinding(
      .error, rule: "syntax", start: text.position(at: range.lowerBound), end: text.position(at: range.upperBound),
      message: message, hint: nil)
  }

  private var message: String {
    // Lua's own words for the end of the text.
    error.message.replacing("near <eof>", with: "near the end of the script")
  }

  /// Where in the line: where the parser stops, else what the message quotes, else the line's first word.
  private func range(in line: Int) -> Range<Int> {
    let whole = text.range(ofLine: line) ?? 0..<0
    if let stop = parserStop, text.line(at: stop) == line { return stop..<stop }
    let quoted = error.message.split(separator: "'", omittingEmptySubsequences: false)
    for (index, word) in quoted.enumerated() where index % 2 == 1 && !word.isEmpty {
      if let found = lastPlace(of: Array(word.utf8), in: whole) { return found }
    }
    let blank = text.bytes[whole].prefix { $0 == 32 || $0 == 9 }.count
    return (whole.lowerBound + blank)..<(whole.lowerBound + blank)
  }

  /// Where a word stands last in some bytes, and is no part of another: the later one is wrong, not the earlier.
  private func lastPlace(of word: [UInt8], in whole: Range<Int>) -> Range<Int>? {
    guard let first = word.first, word.count <= whole.count else { return nil }
    func isPart(_ index: Int) -> Bool {
      guard first.isNameStart, whole.contains(index) else { return false }
      return text.bytes[index].isNameStart || text.bytes[index].isDigit
    }
    for start in (whole.lowerBound...(whole.upperBound - word.count)).reversed() {
      let end = start + word.count
      guard text.bytes[start..<end].elementsEqual(word), !isPart(start - 1), !isPart(end) else { continue }
      return start..<end
    }
    return nil
  }

  private var parserStop: Int? {
    do throws(SyntaxError) {
      _ = try Parser.parse(text.bytes)
      return nil
    } catch {
      return error.offset
    }
  }
}
