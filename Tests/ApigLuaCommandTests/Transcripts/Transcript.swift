import Foundation
import GatewayTestSupport
import Testing

/// What people see of a command, compared as a whole with a file beside the tests: times, IDs and addresses, which differ
/// from run to run, are masked.
///
/// With `RECORD_SNAPSHOTS=1` the files are written anew, and the tests fail.
struct Transcript {
  let lines: [String]

  /// What a pipe or a file gets.
  init(_ text: String) { lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) }

  /// What stays on a terminal.
  init(_ result: Command.TerminalResult, columns: Int) { lines = result.lines(columns: columns) }

  /// - Parameter lines: a screen.
  init(screen lines: [String]) { self.lines = lines }

  /// Compares with the file of that name.
  func expect(_ name: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
    let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Expected/\(name).txt")
    var text = Self.ordered(lines.map(Self.masked)).joined(separator: "\n")
    while text.hasSuffix("\n") { text.removeLast() }
    text += "\n"
    if ProcessInfo.processInfo.environment["RECORD_SNAPSHOTS"] == "1" {
      try text.write(to: file, atomically: true, encoding: .utf8)
      Issue.record("\(name) was recorded", sourceLocation: sourceLocation)
      return
    }
    let expected = try String(contentsOf: file, encoding: .utf8)
    #expect(text == expected, "\(name) is now:\n\(text)", sourceLocation: sourceLocation)
  }

  /// What is undone at once comes to its end in any order.
  private static func ordered(_ lines: [String]) -> [String] {
    var ordered = lines
    var start = 0
    while start < ordered.count {
      let count = ordered[start...].prefix { $0.contains(/^( {4}|<time> )pay-\S+   (not )?undone/) }.count
      ordered[start..<start + count].sort()
      start += max(1, count)
    }
    return ordered
  }

  /// A version's number and a mask are as long as each other, so that tables keep their columns.
  static func masked(_ line: String) -> String {
    line
      .replacing(/\x1B\[[0-9;]*m/, with: "")
      .replacing(/\b20\d{12}\b/, with: "<version num.>")
      .replacing(/\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?Z?/, with: "<moment>")
      .replacing(/^\d\d:\d\d:\d\d\x20/, with: "<time> ")
      .replacing(/http:\/\/127\.0\.0\.1:\d+/, with: "<gateway>")
      .replacing(/\br-[0-9A-Z]{10}\b/, with: "r-<run>")
      .replacing(/al:[0-9A-Z]{10}:/, with: "al:<run>:")
      .replacing(/\bp-[0-9A-Z]{5}\b/, with: "p-<id>")
      .replacing(/tester@[\w.\-]+/, with: "tester@<host>")
      .replacing(/p95 [0-9.]+m?s/, with: "p95 <time>")
      .replacing(/(in|undoing  ) \d+\.\ds\b/) { "\($0.1) <time>" }
      .replacing(/settling \ds of [0-9.]+m?s/, with: "settling <n>s of <time>")
      .replacing(/\x20\d+(\.\d)?s$/, with: " <time>")
      .replacing(/\d+ journal entries/, with: "<n> journal entries")
  }
}
