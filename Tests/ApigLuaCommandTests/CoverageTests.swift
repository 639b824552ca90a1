import Foundation
import GatewayTestSupport
import Testing

/// `apig-lua test --coverage`: which lines of playbooks and their modules the tests ran.
@Suite(.timeLimit(.minutes(10))) struct CoverageTests {
  private static let files = [
    "release.lua": """
    local apig = require "apig"
    local names = require "lib.names"
    local p = apig.params { api = { type = "api" }, again = { type = "boolean", default = false } }
    apig.publish { api = names.full(p.api), env = "RELEASE" }
    if p.again then
      apig.publish {
        api = "payments-02",
        env = "RELEASE",
      }
    end
    return true
    """,
    "lib/names.lua": """
    local names = {}
    function names.full(name)
      return "payments-" .. name
    end
    function names.short(name)
      local short = name:gsub("payments%-", "")
      return short
    end
    return names
    """,
    "spec/first_spec.lua": """
    local t = require "apig.test"
    it("publishes", function()
      assert.equal("changed", t.run("release.lua", { api = "01" }, t.gateway { apis = 2 }).outcome)
    end)
    """,
    "spec/second_spec.lua": """
    local t = require "apig.test"
    local names = require "lib.names"
    it("shortens", function() assert.equal("01", names.short "payments-01") end)
    """,
    "spec/third_spec.lua": """
    local t = require "apig.test"
    local gateway = function() return t.gateway { apis = 2 } end
    it("publishes twice", function()
      local cut = t.run("release.lua", { api = "01", again = true }, gateway(), { crash_at = 2 })
      assert.equal("changed", t.resume(cut).outcome)
    end)
    """,
    "spec/fourth_spec.lua": """
    local t = require "apig.test"
    it("plans", function()
      t.plan("release.lua", { api = "01" }, t.gateway { apis = 2 })
      t.run({ code = "return 1" }, {}, t.gateway())
    end)
    """,
  ]

  private func withProject(_ body: (URL, Command) async throws -> Void) async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      for name in ["lib", "spec"] {
        try FileManager.default.createDirectory(at: folder.appending(path: name), withIntermediateDirectories: false)
      }
      for (name, text) in Self.files { try command.write(text, to: name) }
      try await body(folder, command)
    }
  }

  @Test func allRunsOfAllFilesMakeOneSum() async throws {
    try await withProject { folder, command in
      let first = try await command("test", "spec/first_spec.lua", "--coverage")
      #expect(first.status == 0, "\(first.output)\(first.messages)")
      #expect(
        first.output.hasSuffix(
          """
          coverage        lines              not run
          lib/names.lua   5 of 7     71.4%   6-7
          release.lua     6 of 7     85.7%   6
          2 files         11 of 14   78.5%

          """), "\(first.output)")
      let all = try await command("test", "--coverage", "--report", "lcov=out/lcov.info")
      #expect(all.status == 0, "\(all.output)\(all.messages)")
      #expect(all.output.contains("2 files         14 of 14   100.0%\n"), "\(all.output)")
      let trace = try Trace(String(contentsOf: folder.appending(path: "out/lcov.info"), encoding: .utf8))
      #expect(trace.files.map(\.path) == ["lib/names.lua", "release.lua"])
      #expect(trace.files.map(\.lines.count) == [7, 7])
      let counts = Dictionary(uniqueKeysWithValues: try #require(trace.files.last).lines)
      // Of four runs, one of them stopped and gone on with, and a plan.
      #expect(counts[4] == 4 && counts[11] == 3, "\(counts)")
    }
  }

  @Test func reportsGoWhereTheyBelong() async throws {
    try await withProject { folder, command in
      let silent = try await command("test", "spec/first_spec.lua", "--report", "lcov=lcov.info")
      #expect(!silent.output.contains("coverage"))
      #expect(try Trace(String(contentsOf: folder.appending(path: "lcov.info"), encoding: .utf8)).files.count == 2)
      let tap = try await command("test", "spec/first_spec.lua", "--coverage", "--output", "tap")
      #expect(tap.output.hasPrefix("TAP version 13") && !tap.output.contains("coverage"))
      #expect(tap.messages.contains("release.lua     6 of 7     85.7%"), "\(tap.messages)")
      try command.write("it('adds', function() assert.equal(2, 1 + 1) end)", to: "sum_spec.lua")
      let nothing = try await command("test", "sum_spec.lua", "--coverage")
      #expect(nothing.status == 0 && nothing.output.hasSuffix("coverage: no test ran a playbook\n"))
    }
  }
}

/// A tracefile as geninfo(1) describes it, read strictly.
private struct Trace {
  struct File {
    var path: String
    var lines: [(Int, Int)] = []
  }

  struct Misform: Error {
    let line: Substring
  }

  private(set) var files: [File] = []

  init(_ text: String) throws {
    var open: File?
    var found: Int?
    var hit: Int?
    for line in text.split(separator: "\n") {
      let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
      let value = parts.count == 2 ? parts[1] : ""
      switch (parts[0], open) {
      case ("TN", nil): break
      case ("SF", nil): open = File(path: String(value))
      case ("DA", let file?):
        let numbers = value.split(separator: ",").compactMap { Int($0) }
        guard numbers.count == 2, numbers[0] > file.lines.last?.0 ?? 0, numbers[1] >= 0 else {
          throw Misform(line: line)
        }
        open?.lines.append((numbers[0], numbers[1]))
      case ("LF", .some): found = Int(value)
      case ("LH", .some): hit = Int(value)
      case ("end_of_record", let file?):
        guard found == file.lines.count, hit == file.lines.count(where: { $0.1 > 0 }) else { throw Misform(line: line) }
        files.append(file)
        open = nil
      default: throw Misform(line: line)
      }
    }
    guard open == nil else { throw Misform(line: "the last record has no end") }
  }
}
