import LuaRuntime
import Testing

@testable import ScriptAnalysis

/// The parser takes what Lua takes, and nothing else.
@Suite(.timeLimit(.minutes(5))) struct ParserTests {
  private static func complaint(on source: [UInt8]) -> String? {
    do throws(SyntaxError) {
      _ = try Parser.parse(source)
      return nil
    } catch {
      return error.message
    }
  }

  /// What only Lua's code generator finds: it is not about the form of the text.
  private static func isBeyondForm(_ complaint: String) -> Bool {
    [
      "label", "jumps into the scope", "attempt to assign to const variable", "too many", "C stack overflow",
      "chunk has too many", "function or expression needs too many registers", "control structure too long",
    ].contains { complaint.contains($0) }
  }

  private static func compare(_ source: [UInt8], with judge: Judge, _ name: String) async throws {
    let lua = try await judge.complaint(on: source)
    if let lua, isBeyondForm(lua) { return }
    let own = complaint(on: source)
    #expect(
      (lua == nil) == (own == nil),
      "\(name): Lua: \(lua ?? "fine"), the parser: \(own ?? "fine")\n\(String(decoding: source.prefix(2000), as: UTF8.self))"
    )
  }

  @Test(arguments: Corpus.folders) func everyFileGetsLuasVerdict(folder: String) async throws {
    let judge = try await Judge()
    let files = try Corpus.files(in: folder)
    #expect(!files.isEmpty)
    for file in files { try await Self.compare(file.source, with: judge, file.name) }
  }

  @Test func damagedFilesGetLuasVerdict() async throws {
    let judge = try await Judge()
    var random = SeededGenerator(state: 812)
    var refused = 0
    for folder in Corpus.folders {
      for file in try Corpus.files(in: folder) where file.source.count < 20_000 {
        var lexer = Lexer(file.source)
        var ranges: [Range<Int>] = []
        while let token = try? lexer.next(), token.kind != .end { ranges.append(token.range) }
        guard ranges.count > 3 else { continue }
        for _ in 0..<12 {
          let damaged = Self.damaged(file.source, ranges, &random)
          if Self.complaint(on: damaged) != nil { refused += 1 }
          try await Self.compare(damaged, with: judge, file.name)
        }
      }
    }
    #expect(refused > 100)
  }

  /// One token left out, doubled, exchanged with another, or cut in half.
  private static func damaged(
    _ source: [UInt8], _ ranges: [Range<Int>], _ random: inout SeededGenerator
  ) -> [UInt8] {
    let range = ranges[Int.random(in: 0..<ranges.count, using: &random)]
    let other = ranges[Int.random(in: 0..<ranges.count, using: &random)]
    let new: [UInt8] =
      switch Int.random(in: 0..<4, using: &random) {
      case 0: []
      case 1: source[range] + [32] + source[range]
      case 2: Array(source[other])
      default: Array(source[range].prefix(range.count / 2))
      }
    return source[..<range.lowerBound] + new + source[range.upperBound...]
  }

  @Test(arguments: [
    "goto done ::done::", "::a:: do goto a end", "for i = 1, 2 do goto continue ::continue:: end",
    "local x <const>, y <close> = 1, nil return x", "return 7 // 2, 7 % -3, 2 ^ 3 ^ 2, ~5, 1 ~ 2, 1 << 2 >> 1",
    "return 0x.8p1, 0xA.8P-1, 0x10, 3., .5, 3e2, 3E+2, 0xffffffffffffffffff, 9223372036854775808",
    "return [[\na]], [==[ ]] ]=] ]==], 'a\\z   \n  b', '\\x41\\065\\u{7FFFFFFF}\\\n'",
    "--[==[ long\n]] ]==] return 1 --[[x]] --", "#!/usr/bin/env apig-lua\nreturn 1", "# only", "", ";;;", "return;",
    "a.b.c:d{}'x'[[y]](1).z = 1", "f{}.x, (g()).y = 1, 2", "local function f(...) return ... end",
    "function a.b.c:d(x, ...) return self, x, ... end", "repeat local x = 1 until x", "do local a <const> = 1 end",
    "return -x^2, not a == b, #t .. 's', a or b and c", "local t = { 1; 2, [3] = 4, x = 5, f(), ... }",
    "if a then elseif b then else end", "for k, v in next, t do break end", "return function() end", "while 1 do end",
    "local a = b\n(f)()", "return a.b\r\n.c\n\r.d", "\u{FEFF}return 1", "x = 'é'", "é = 1", "\u{0}",
    "goto = 1", "local x <fixed> = 1", "local a <close>, b <close> = 1, 2", "break", "return ...; x",
    "function f() return ... end", "f() = 1", "(a) = 1", "a.b", "a, f() = 1", "local 1 = 2", "return 3..2", "return 0x",
    "return 3e", "return 0x1p", "return 1..", "x = 08x", "return 5a", "x = '\\q'", "x = '\\300'", "x = '\\x4'",
    "x = '\\u{80000000}'", "x = '\\u{}'", "x = 'a\nb'", "x = [==[ ]]", "--[[ ", "x = [=", "x = \"", "x = '\\",
    "if a then", "end", "for 1 = 2, 3 do end", "for i = 1 do end", "for a.b in c do end", "local function a.b() end",
    "function a:b.c() end", "function a:b:c() end", "return return", "x = }", "x = { 1 2 }", "x = {,}", "f(,)", "f(a,)",
    "x = a b", "x = not", "x == 1", "x = = 1", "x != 1", "x = 1 +", "@", "x = a:b", "a:b = 1",
    "x = function(a, ..., b) end",
    "x = function(a,) end", "repeat until", "until x", "do", "::a", "goto 1", "x = (1", "x = t[1", "return a:1()",
    "while x do break; x = 1 end", "x = 1 y = 2", "x, = 1", "local x, = 1", "a.1 = 2", "x = ~ ~ 1 ~= ~2", "x = - - 1",
    "return 1 // 0 // 3, 'a'..'b'..1 ..2", "local x <const> = 1; do local x = 2; x = 3 end",
  ]) func oddityGetsLuasVerdict(text: String) async throws {
    try await Self.compare(Array(text.utf8), with: try await Judge(), "oddity")
  }

  /// Each is nested deeper than Lua takes: a clear error, and no stack that ends.
  @Test(arguments: [
    ("(", ")", "return ", "1"), ("{", "}", "return ", ""), ("do ", " end", "", ""), ("not ", "", "return ", "1"),
    ("function() return ", " end", "return ", "1"), ("- ", "", "return ", "1"), ("f(", ")", "", "f()"),
    ("if x then ", " end", "", ""), ("2 ^ ", "", "return ", "2"), ("'a' .. ", "", "return ", "'a'"),
    ("repeat ", " until x", "", ""), ("a[", "]", "return ", "1"),
  ]) func deepNestingEndsInAClearError(open: String, close: String, before: String, inner: String) async throws {
    let judge = try await Judge()
    for depth in [10, 100_000] {
      let text =
        before + String(repeating: open, count: depth) + inner + String(repeating: close, count: depth)
      let own = Self.complaint(on: Array(text.utf8))
      let lua = try await judge.complaint(on: Array(text.utf8))
      #expect((own == nil) == (lua == nil), "\(open) \(depth): \(own ?? "fine"), \(lua ?? "fine")")
      if depth > 1000 { #expect(own == "the script is nested too deeply") }
    }
  }

  /// Chains are no nesting: as long as one likes.
  @Test(arguments: [
    ("x = 1", " + 1"), ("x = a", ".b"), ("f()", "()"), ("x = a", ":b()"), ("x = a", " < b"), ("x = {", "1,"),
  ])
  func longChainsAreTaken(start: String, link: String) async throws {
    let text = start + String(repeating: link, count: 50_000) + (start.hasSuffix("{") ? "}" : "")
    #expect(Self.complaint(on: Array(text.utf8)) == nil)
    // The rules go through it, too.
    let block = try Parser.parse(Array(text.utf8))
    _ = ScriptReading(SourceText(Array(text.utf8)), block)
  }

  @Test func positionsCountLinesAndCharacters() throws {
    let text = SourceText(Array("a\r\nbé = 1\n\rc\r\rd".utf8))
    #expect(text.lineCount == 5)
    let sign = try #require("a\r\nbé = 1".utf8.firstIndex(of: UInt8(ascii: "=")))
    let offset = "a\r\nbé = 1".utf8.distance(from: "a\r\nbé = 1".utf8.startIndex, to: sign)
    #expect(text.position(at: offset) == ScriptPosition(line: 2, column: 4))
    #expect(text.text(ofLine: 3) == "c" && text.text(ofLine: 5) == "d")
  }
}

/// The same numbers in every run.
struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    var mixed = state
    mixed ^= mixed >> 33
    mixed = mixed &* 0xFF51_AFD7_ED55_8CCD
    return mixed ^ (mixed >> 33)
  }
}
