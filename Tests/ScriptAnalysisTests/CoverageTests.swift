import Foundation
import LuaRuntime
import Testing

@testable import ScriptAnalysis

/// Which lines of a script count, and which of them ran.
@Suite(.timeLimit(.minutes(5))) struct CoverageTests {
  private func coverage(_ source: String) async throws -> LineCoverage {
    let counts = LuaLineCounts()
    let engine = try await LuaEngine(lineCounts: counts) { _ in }
    _ = try await engine.run(LuaChunk(name: "a.lua", source: source))
    return try #require(LineCoverage(of: Array(source.utf8), counts: counts["a.lua"]))
  }

  /// Lines marked with `--+` are those that ran, `--!` those that did not; others don't count.
  private func check(_ source: String) async throws {
    let coverage = try await coverage(source)
    let lines = source.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
    let ran = lines.filter { $0.element.hasSuffix("--+") }.map { $0.offset + 1 }
    let left = lines.filter { $0.element.hasSuffix("--!") }.map { $0.offset + 1 }
    #expect(coverage.lines.filter { $0.count > 0 }.map(\.number) == ran)
    #expect(coverage.lines.filter { $0.count == 0 }.map(\.number) == left)
  }

  @Test func whatRanIsCoveredHoweverItIsWritten() async throws {
    try await check(
      """
      #!/usr/bin/env apig-lua
      local apis, late --
      local LIMIT <const> = 60 * 60
      local function twice(x) --+
        return x * 2 --+
      end
      local t = { --+
        a = 1,
        f = function(x) --
          return x --+
        end,
      }
      function t.g( --+
        a,
        b
      )
        if a then --+
          return b --+
        else
          return a --+
        end
      end
      local x = --+
        t.f( --
          twice(3)
        )
      t.g(true, x) t.g(false) --+
      while true do --+
        if x > 3 then --+
          break
        end
      end
      repeat
        local y = x --+
        x = x - 1 --+
      until y < 3 --+
      repeat x = 1 until true --+
      for i = 1, 3 do --+
        if i == 1 then --+
          goto continue --+
        elseif i == 2 then --+
          x = --+
            i
        end
        ::continue::
      end
      for _, v in ipairs({ 1 }) do --+
        do
          late = nil
          apis = v --+
        end
      end
      t.late = nil --+
      return apis, late, (function() return LIMIT end)() --+
      """)
  }

  @Test func whatDidNotRunIsNot() async throws {
    try await check(
      """
      local function never() --+
        local inner = function() --!
          return function() --!
            return 1 --!
          end
        end
        while true do --!
          inner() --!
        end
      end
      if never then --+
        print( --+
          "yes")
      elseif false then --!
        print( --!
          "no"
        )
      else
        never() --!
      end
      for _ = 1, 0 do --+
        never() --!
      end
      local _ = pcall(function() --+
        error "out" --+
        never() --!
      end)
      return --+
      """)
  }

  @Test func gapsReachFromLineToLine() throws {
    let source = Array("f()\ng()\n\n-- why\nh()\ni()\nj()\n".utf8)
    let coverage = try #require(LineCoverage(of: source, counts: [1, 0, 0, 0, 0, 2]))
    #expect(coverage.gaps == [2...5, 7...7])
    #expect(coverage.coveredCount == 2)
    #expect(coverage.lines.map(\.count) == [1, 0, 0, 2, 0])
    #expect(LineCoverage(of: Array("f(".utf8), counts: []) == nil)
  }

  private static let compiler = ["/usr/bin/luac5.4", "/usr/local/bin/luac5.4", "/usr/bin/luac"].first {
    FileManager.default.isExecutableFile(atPath: $0)
  }

  /// A line of which Lua makes no instruction would be missing from every report: Lua's own listing tells.
  @Test(.enabled(if: compiler != nil, "needs luac 5.4"), arguments: Corpus.folders)
  func allThatCountsCanRun(folder: String) async throws {
    let compiler = try #require(Self.compiler)
    let judge = try await Judge()
    var checked = 0
    for file in try Corpus.files(in: folder) {
      guard try await judge.complaint(on: file.source) == nil, let active = try Self.activeLines(file.source, compiler)
      else { continue }
      let statements = RunnableStatements(in: try Parser.parse(file.source), of: SourceText(file.source)).all
      for statement in statements {
        #expect(statement.lines.contains(where: active.contains), "\(file.name):\(statement.line) cannot run")
      }
      checked += statements.count
    }
    #expect(checked > 0)
  }

  /// The lines that have instructions; nil for what this build of Lua does not compile.
  private static func activeLines(_ source: [UInt8], _ compiler: String) throws -> Set<Int>? {
    let file = FileManager.default.temporaryDirectory.appending(path: "coverage-\(UUID().uuidString).lua")
    defer { try? FileManager.default.removeItem(at: file) }
    try Data(source).write(to: file)
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(filePath: compiler)
    process.arguments = ["-l", "-l", "-p", file.path]
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let listing = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { return nil }
    return Set(
      listing.split(separator: "\n").compactMap { line in
        line.wholeMatch(of: /\t\d+\t\[(\d+)\]\t.*/).flatMap { Int($0.1) }
      })
  }
}
