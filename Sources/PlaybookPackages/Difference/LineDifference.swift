internal import GatewayAPI

/// The lines that differ between two texts.
public struct LineDifference: Sendable {
  /// Bytes with the line's end: what two strings take for one spelling is two here.
  private typealias Bytes = ArraySlice<UInt8>

  private enum Line: Sendable {
    case kept(Bytes)
    case removed(Bytes)
    case added(Bytes)
  }

  /// Lines shown around what differs.
  private static let context = 3
  /// Beyond so many lines between the first that differs and the last, of both texts, the comparison would take longer
  /// than its reader: its time grows with their square.
  private static let maximumLines = 2000
  /// What the comparisons of one package may take together, in squares of lines.
  static let budget = 16 * maximumLines * maximumLines

  private let lines: [Line]

  /// - Parameter budget: what is left for comparisons, in squares of lines; without enough of it, all that lies between
  ///   the first line that differs and the last goes and comes.
  /// - Returns: nil unless both are UTF-8 texts.
  init?(from before: [UInt8], to after: [UInt8], budget: inout Int) {
    guard let before = Self.lines(of: before), let after = Self.lines(of: after) else { return nil }
    // What they begin and end with alike needs no comparison.
    let start = zip(before, after).prefix { $0 == $1 }.count
    let end = zip(before.dropFirst(start).reversed(), after.dropFirst(start).reversed()).prefix { $0 == $1 }.count
    let old = Array(before.dropFirst(start).dropLast(end))
    let new = Array(after.dropFirst(start).dropLast(end))
    let count = old.count + new.count
    let isComparable = !old.isEmpty && !new.isEmpty && count <= Self.maximumLines && count * count <= budget
    if isComparable { budget -= count * count }
    lines =
      before.prefix(start).map(Line.kept)
      + (isComparable ? Self.compare(old, new) : old.map(Line.removed) + new.map(Line.added))
      + before.suffix(end).map(Line.kept)
  }

  public var addedCount: Int { lines.reduce(0) { if case .added = $1 { $0 + 1 } else { $0 } } }
  public var removedCount: Int { lines.reduce(0) { if case .removed = $1 { $0 + 1 } else { $0 } } }

  private static func lines(of text: [UInt8]) -> [Bytes]? {
    guard String(validating: text, as: UTF8.self) != nil else { return nil }
    var lines: [Bytes] = []
    var rest = text[...]
    while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
      lines.append(rest[...end])
      rest = rest[(end + 1)...]
    }
    return rest.isEmpty ? lines : lines + [rest]
  }

  private static func compare(_ old: [Bytes], _ new: [Bytes]) -> [Line] {
    // Numbers are compared quicker than texts, and equal lines have one.
    var numbers: [Bytes: Int] = [:]
    func number(_ line: Bytes) -> Int {
      if let known = numbers[line] { return known }
      numbers[line] = numbers.count
      return numbers.count - 1
    }
    var removals: [Int: Bytes] = [:]
    var insertions: [Int: Bytes] = [:]
    for change in new.map(number).difference(from: old.map(number)) {
      switch change {
      case .remove(let offset, _, _): removals[offset] = old[offset]
      case .insert(let offset, _, _): insertions[offset] = new[offset]
      }
    }
    var lines: [Line] = []
    var (from, to) = (0, 0)
    while from < old.count || to < new.count {
      if let line = removals[from] {
        lines.append(.removed(line))
        from += 1
      } else if let line = insertions[to] {
        lines.append(.added(line))
        to += 1
      } else {
        lines.append(.kept(old[from]))
        from += 1
        to += 1
      }
    }
    return lines
  }

  // MARK: - Text

  var unifiedText: String {
    var text = ""
    var (from, to) = (1, 1)
    var index = 0
    while index < lines.count {
      guard let range = nextHunk(at: index) else { break }
      for line in lines[index..<range.lowerBound] { Self.count(line, &from, &to) }
      var (nextFrom, nextTo) = (from, to)
      let body = lines[range].map { line in
        Self.count(line, &nextFrom, &nextTo)
        return Self.text(of: line)
      }.joined()
      text += "@@ -\(Self.range(from, nextFrom)) +\(Self.range(to, nextTo)) @@\n" + body
      (from, to) = (nextFrom, nextTo)
      index = range.upperBound
    }
    return text
  }

  /// The next lines that differ, with what is around them and what is so near that one hunk is easier to read.
  private func nextHunk(at index: Int) -> Range<Int>? {
    guard let first = lines[index...].firstIndex(where: Self.isChange) else { return nil }
    var last = first
    while let next = lines[(last + 1)...].firstIndex(where: Self.isChange), next - last <= 2 * Self.context {
      last = next
    }
    return max(index, first - Self.context)..<min(lines.count, last + 1 + Self.context)
  }

  private static func isChange(_ line: Line) -> Bool {
    if case .kept = line { false } else { true }
  }

  private static func count(_ line: Line, _ from: inout Int, _ to: inout Int) {
    switch line {
    case .kept:
      from += 1
      to += 1
    case .removed: from += 1
    case .added: to += 1
    }
  }

  private static func range(_ start: Int, _ end: Int) -> String {
    // An empty range is named by the line before it.
    end == start ? "\(start - 1),0" : end - start == 1 ? "\(start)" : "\(start),\(end - start)"
  }

  private static func text(of line: Line) -> String {
    switch line {
    case .kept(let text): " " + shown(text)
    case .removed(let text): "-" + shown(text)
    case .added(let text): "+" + shown(text)
    }
  }

  /// What would steer the terminal, or show a reader other code than Lua reads, by its number.
  private static func shown(_ line: Bytes) -> String {
    let isEnded = line.last == UInt8(ascii: "\n")
    let text = String(decoding: isEnded ? line.dropLast() : line, as: UTF8.self)
    let visible = text.unicodeScalars.map { scalar in
      scalar.isInvisible && scalar != "\t" ? "‹U+\(String(scalar.value, radix: 16, uppercase: true))›" : String(scalar)
    }.joined()
    return visible + "\n" + (isEnded ? "" : "\\ No newline at end of file\n")
  }
}
