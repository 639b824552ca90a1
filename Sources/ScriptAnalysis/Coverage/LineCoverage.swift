/// Which lines of a script ran, of those that could.
public struct LineCoverage: Sendable {
  public struct Line: Sendable, Hashable {
    public let number: Int
    /// How often it ran.
    public let count: Int
  }

  /// The lines on which a statement or a condition begins, in order.
  public let lines: [Line]

  /// - Parameters:
  ///   - source: the script's.
  ///   - counts: how often each line ran, the first first; may be shorter than the script.
  /// - Returns: nil for what is no Lua.
  public init?(of source: [UInt8], counts: [Int]) {
    let text = SourceText(source)
    guard let block = try? Parser.parse(source) else { return nil }
    var found: [Int: Int] = [:]
    for statement in RunnableStatements(in: block, of: text).all {
      found[statement.line] = max(found[statement.line] ?? 0, Self.count(of: statement, counts))
    }
    lines = found.map { Line(number: $0.key, count: $0.value) }.sorted { $0.number < $1.number }
  }

  public var coveredCount: Int { lines.count { $0.count > 0 } }

  /// From the first to the last of lines that did not run, with none between them that did.
  public var gaps: [ClosedRange<Int>] {
    lines.split { $0.count > 0 }.compactMap { gap in
      guard let first = gap.first, let last = gap.last else { return nil }
      return first.number...last.number
    }
  }

  private static func count(of statement: RunnableStatement, _ counts: [Int]) -> Int {
    func count(_ line: Int) -> Int { counts.indices.contains(line - 1) ? counts[line - 1] : 0 }
    if count(statement.line) > 0 { return count(statement.line) }
    let most = statement.lines.map(count).max() ?? 0
    return statement.hasInner ? min(most, 1) : most
  }
}
