import Foundation
import GatewayTestSupport
import Testing

@testable import PlaybookPackages

/// What differs between two versions: the same as `diff -u` says, and nothing hidden.
@Suite(.timeLimit(.minutes(5))) struct DifferenceTests {
  private func tree(_ files: [String: String]) throws -> PackageTree {
    try PackageTree(try files.map { (try PackagePath($0.key), Array($0.value.utf8)) })
  }

  @Test(arguments: 0..<40) func theTextIsThatOfDiff(_ seed: Int) async throws {
    var random = SeededNumbers(seed: UInt64(seed))
    let words = ["a", "b", "c", "", "local x = 1", "end"]
    let before = (0..<Int.random(in: 0...40, using: &random)).map { _ in words.randomElement(using: &random) ?? "" }
    var after = before
    for _ in 0..<Int.random(in: 1...6, using: &random) {
      let place = Int.random(in: 0...after.count, using: &random)
      if Bool.random(using: &random), place < after.count {
        after.remove(at: place)
      } else {
        after.insert("new", at: place)
      }
    }
    let ends = ["", "\n"]
    let old = before.joined(separator: "\n") + (ends.randomElement(using: &random) ?? "")
    let new = after.joined(separator: "\n") + (ends.randomElement(using: &random) ?? "")
    guard old != new else { return }
    // What is applied with patch to the one gives the other.
    try await withTemporaryFolder { folder in
      let text = TreeDifference(from: try tree(["x.lua": old]), to: try tree(["x.lua": new])).unifiedText
      try PackageFiles.write(["x.lua": old, "diff": text], to: folder)
      try await Programs.run("git", ["apply", "--unidiff-zero", "--whitespace=nowarn", "-p1", "diff"], in: folder)
      let file = folder.appending(path: "x.lua")
      #expect(try String(contentsOf: file, encoding: .utf8) == new, "\(text)")
    }
  }

  /// Its time is bounded: what is too long to compare comes and goes as a whole, and nothing of it is left out.
  @Test func whatTakesTooLongToCompareIsShownWhole() throws {
    func lines(_ count: Int, _ mark: String) -> String {
      (0..<count).map { $0.isMultiple(of: 2) ? "\($0)\n" : "\($0)\(mark)\n" }.joined() + "\(mark)\n"
    }
    let long = TreeDifference(from: try tree(["x.lua": lines(2000, "a")]), to: try tree(["x.lua": lines(2000, "b")]))
    #expect(long.files.first?.lines?.addedCount == 2000)
    #expect(long.files.first?.lines?.removedCount == 2000)
    let names = (10..<40).map { "m\($0).lua" }
    let many = TreeDifference(
      from: try tree(Dictionary(uniqueKeysWithValues: names.map { ($0, lines(900, "a")) })),
      to: try tree(Dictionary(uniqueKeysWithValues: names.map { ($0, lines(900, "b")) })))
    let counts = many.files.compactMap(\.lines?.addedCount)
    #expect(counts.count == 30 && counts.first == 451 && counts.last == 900, "\(counts)")
  }

  @Test func filesComeAndGo() throws {
    let difference = TreeDifference(
      from: try tree(["gone.lua": "1\n", "same.lua": "2\n", "x.lua": "3\n"]),
      to: try tree(["new.lua": "4\n5\n", "same.lua": "2\n", "x.lua": "6\n"]))
    #expect(difference.files.map(\.name) == ["gone.lua", "new.lua", "x.lua"])
    #expect(difference.files.map(\.state) == [.removed, .added, .changed])
    #expect(difference.files.map { $0.lines?.addedCount } == [0, 2, 1])
    #expect(difference.files.map { $0.lines?.removedCount } == [1, 0, 1])
    #expect(difference.unifiedText.contains("--- /dev/null\n+++ b/new.lua\n@@ -0,0 +1,2 @@\n+4\n+5\n"))
  }

  @Test func whatCannotBeSeenIsShown() throws {
    let text = TreeDifference(
      from: try tree(["x.lua": "a\n"]), to: try tree(["x.lua": "a\u{202E}b\u{1B}[2J\r\n-- e\u{301}\n"])
    ).unifiedText
    #expect(text.contains("+a‹U+202E›b‹U+1B›[2J‹U+D›\n"))
    #expect(!text.unicodeScalars.contains { $0 == "\u{1B}" || $0 == "\u{202E}" || $0 == "\r" })
    let spelled = TreeDifference(from: try tree(["x.lua": "\u{E9}\n"]), to: try tree(["x.lua": "e\u{301}\n"]))
    #expect(spelled.files.first?.lines?.addedCount == 1)
  }

  @Test func aFileThatIsNoTextIsNamed() throws {
    let difference = TreeDifference(
      from: try PackageTree([(try PackagePath("x.lua"), [0xFF])]),
      to: try PackageTree([(try PackagePath("x.lua"), [0xFE])]))
    #expect(difference.unifiedText == "--- a/x.lua\n+++ b/x.lua\nthe files differ, and are no text\n")
  }
}

/// Numbers that are the same in every run.
private struct SeededNumbers: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed &+ 0x9E37_79B9_7F4A_7C15 }

  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return (state ^ (state >> 33)) &* 0xFF51_AFD7_ED55_8CCD
  }
}
