import Foundation
import GatewayAPI
import GatewayTestSupport
import Testing

/// `apig-lua check`, as a user and a hook run it.
@Suite(.timeLimit(.minutes(5))) struct CheckCommandTests {
  /// The script of the specification's transcript (h).
  private static let transcript = """
    local apig = require "apig"

    local p = apig.params {
      group = { type = "group", required = true },
      env = { type = "env", default = "RELEASE" },
    }

    local changed = apig.select { group = p.group, changed_in = p.env }
    local byName = {}
    for _, api in ipairs(changed) do byName[api.name] = api end

    apig.publish { apis = changed, enviroment = p.env }
    if #changed > 9 then return end

      for name in pairs(byName) do
      apig.publish { api = name, env = p.env }
    end

    if p.group ~= "" then
      local res = apig.publish { apis = changed, env = p.env, on_failure = "return" }
    end

    apig.health.http {
      url = "https://api.example.com/pay/ping",
    }
    """

  @Test func theTranscriptIsShownLineByLine() async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      try command.write(Self.transcript, to: "release.lua")
      let result = try await command("check", "release.lua")
      #expect(result.status == 1)
      #expect(result.messages.isEmpty)
      #expect(
        result.output == """
          release.lua:12:32: error: unknown option 'enviroment' of apig.publish
             12 | apig.publish { apis = changed, enviroment = p.env }
                |                                ^^^^^^^^^^ did you mean 'env'?
          release.lua:15:3: warning: pairs() around a gateway call: the order differs between runs, so the run could not be resumed
             15 |   for name in pairs(byName) do
                |   ^^^ use apig.sorted(t) or a list
          release.lua:20:9: warning: 'res' may hold failures and is never read (on_failure = "return")
             20 |   local res = apig.publish { apis = changed, env = p.env, on_failure = "return" }
                |         ^^^
          release.lua:24:9: error: needs http:https://api.example.com, not granted
             24 |   url = "https://api.example.com/pay/ping",
                |         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
                | add it to permissions: in apig.yaml, or run with --allow http:https://api.example.com
          2 errors, 2 warnings

          """)
      // Nothing was opened for it.
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["release.lua"])
    }
  }

  @Test func aGrantOfTheProjectOrOfAFlagIsEnough() async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      try command.write("apig.health.http { url = \"https://api.example.com/ping\" }\n", to: "probe.lua")
      #expect(try await command("check", "probe.lua").status == 1)
      #expect(try await command("check", "--allow", "http:https://api.example.com", "probe.lua").status == 0)
      try command.write("permissions: { allow: [\"http:https://api.example.com\"] }\n", to: "apig.yaml")
      let granted = try await command("check", "probe.lua")
      #expect(granted.status == 0)
      #expect(granted.output.isEmpty && granted.messages == "✔ nothing found in 1 file\n")
      #expect(try await command("check", "-q", "probe.lua").messages.isEmpty)
      let denied = try await command("check", "--deny", "http:https://api.example.com", "probe.lua")
      #expect(denied.status == 1 && denied.output.contains("needs http:https://api.example.com, which is denied"))
    }
  }

  @Test func foldersAreSearchedAndFilesNamedOnce() async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      for path in ["lib/deep", ".hidden"] {
        try FileManager.default.createDirectory(at: folder.appending(path: path), withIntermediateDirectories: true)
      }
      try command.write("return (require 'lib.shared')", to: "a.lua")
      try command.write("local x = 1", to: "lib/shared.lua")
      try command.write("return y", to: "lib/deep/b.lua")
      try command.write("+", to: ".hidden/c.lua")
      try command.write("+", to: "notes.txt")
      try FileManager.default.createSymbolicLink(
        atPath: folder.appending(path: "lib/loop").path, withDestinationPath: folder.path)
      let result = try await command("check", ".", "lib/shared.lua", "--output", "json")
      #expect(result.status == 1)
      let document = try Document(json: result.output)
      #expect(document["schema"] == 1 && document["files"] == 3)
      #expect(document["errors"] == 1 && document["warnings"] == 1)
      let findings = try #require(document["findings"]?.arrayValue)
      #expect(findings.map { $0["file"]?.stringValue } == ["lib/deep/b.lua", "lib/shared.lua"])
      let first = findings[0]
      #expect(first["line"] == 1 && first["column"] == 8 && first["end_column"] == 9)
      #expect(first["severity"] == "error" && first["rule"] == "undefined-global")
      #expect(first["message"] == "undefined global 'y'")
    }
  }

  /// Where runs and tests look for them.
  @Test func modulesAreFoundWhereTheRunFindsThem() async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      for path in ["lib", "spec"] {
        try FileManager.default.createDirectory(at: folder.appending(path: path), withIntermediateDirectories: true)
      }
      try command.write("return (require 'lib.b')", to: "lib/a.lua")
      try command.write("return 1", to: "lib/b.lua")
      try command.write("return { (require 'apig.test'), (require 'lib.b') }", to: "spec/helpers.lua")
      try command.write("return { (require 'helpers'), (require 'lib.b') }", to: "spec/a_spec.lua")
      for path in [".", "spec", "spec/a_spec.lua", folder.path, folder.path + "/"] {
        let result = try await command("check", path)
        #expect(result.status == 0 && result.output.isEmpty, "\(path): \(result.output)")
      }
      try FileManager.default.removeItem(at: folder.appending(path: "lib/b.lua"))
      let result = try await command("check", ".")
      #expect(result.output.split(separator: "\n").count { $0.contains("there is no module 'lib.b'") } == 3)
      #expect(try await command("check", "lib/a.lua").status == 1)
    }
  }

  /// What a file of tests really finds among its globals is what `check` takes for known there.
  @Test func theWordsOfTestsAreKnown() async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      try command.write(
        """
        local words = {}
        for word in pairs(_G) do words[#words + 1] = word end
        table.sort(words)
        it("lists them", function() error("words: " .. table.concat(words, " ") .. " :words") end)
        """, to: "a_spec.lua")
      let result = try await command("test", "a_spec.lua")
      let parts = try #require((result.output + result.messages).firstMatch(of: /words: ([A-Za-z0-9_ ]+) :words/))
      let words = parts.1.split(separator: " ")
      #expect(words.contains("lazy_setup") && words.contains("print"))
      let uses = words.map { "print(\($0))" }.joined(separator: "\n")
      try command.write(uses, to: "b_spec.lua")
      let check = try await command("check", "b_spec.lua")
      // `_G` given away keeps the rule silent: without it, every word must be known.
      try command.write(uses.replacing("print(_G)", with: ""), to: "c_spec.lua")
      let strict = try await command("check", "c_spec.lua")
      #expect(check.status == 0 && strict.status == 0 && strict.output.isEmpty, "\(strict.output)")
    }
  }

  /// Its path is longer than the system takes.
  @Test func aFolderThatCannotBeReadIsSaid() async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      try command.write("return 1", to: "a.lua")
      let name = String(repeating: "d", count: 250)
      func shell(_ script: String) throws {
        let shell = Process()
        shell.executableURL = URL(filePath: "/bin/sh")
        shell.arguments = ["-c", script]
        shell.currentDirectoryURL = folder
        try shell.run()
        shell.waitUntilExit()
        #expect(shell.terminationStatus == 0)
      }
      try shell(
        "for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18; do mkdir \(name) && cd -P \(name) || exit 1; done")
      defer { try? shell("rm -r \(name)") }
      let result = try await command("check", ".", "--output", "json")
      #expect(result.status == 1)
      let document = try Document(json: result.output)
      #expect(document["findings"]?.arrayValue?.map { $0["rule"]?.stringValue } == ["unreadable"])
      #expect(document["files"] == 2)
    }
  }

  @Test func aFileThatCannotBeReadKeepsNobodyFromTheOthers() async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      try command.write(String(repeating: "-", count: (1 << 20) + 1), to: "large.lua")
      try command.write("return y", to: "small.lua")
      let result = try await command("check", ".")
      #expect(result.status == 1)
      #expect(result.output.hasPrefix("large.lua: error: large.lua is larger than 1 MiB\n"))
      #expect(result.output.contains("small.lua:1:8: error: undefined global 'y'\n"))
      #expect(try await command("check", "large.lua").status == 64)
    }
  }

  @Test func warningsAloneAreNoFailureUnlessTheyAreToBe() async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      let result = try await command("check", "-", input: "local unused = 1\n")
      #expect(result.status == 0)
      #expect(result.output.hasPrefix("stdin:1:7: warning: variable 'unused' is never read\n"))
      #expect(result.output.hasSuffix("\n1 warning\n"))
      #expect(try await command("check", "--strict", "-", input: "local unused = 1\n").status == 1)
    }
  }

  @Test func annotationsAreGitHubsWorkflowCommands() async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      try command.write("local x = 'é' .. y -- 100%\nlocal", to: "a,b.lua")
      let broken = try await command("check", "--output", "github", "a,b.lua")
      #expect(broken.output.hasPrefix("::error file=a%2Cb.lua,line=2,col=6,"))
      try command.write("return 'é' .. lenght\n", to: "a,b.lua")
      let result = try await command("check", "--output", "github", "a,b.lua")
      #expect(result.status == 1)
      #expect(
        result.output
          == "::error file=a%2Cb.lua,line=1,col=15,endLine=1,endColumn=21,title=apig-lua check%3A undefined-global::"
          + "undefined global 'lenght'\n")
    }
  }

  /// What a terminal takes for two columns, tabs, and lines that are too long to be shown.
  @Test func caretsStandUnderWhatTheyMean() async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      let wide = try await command("check", "-", input: "\treturn '发布' .. nope\r\n")
      #expect(wide.output.contains("    1 |  return '发布' .. nope\n      |                   ^^^^\n"))
      let long = try await command(
        "check", "-",
        input: "return '\(String(repeating: "x", count: 300))' .. nope .. '\(String(repeating: "y", count: 300))'\n")
      let lines = long.output.split(separator: "\n")
      let caret = try #require(lines[2].firstIndex(of: "^"))
      let column = lines[2].distance(from: lines[2].startIndex, to: caret)
      #expect(String(lines[1].dropFirst(column).prefix(4)) == "nope")
      #expect(lines[1].contains("…") && lines[1].count < 140)
    }
  }

  /// A generated file may have thousands, all in one line.
  @Test func ofManyFindingsTheFirstAreShownAndTheOthersCounted() async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      let reads = (0..<3000).map { "f(x\($0))" }.joined(separator: " ")
      try command.write("local unused = 1 local f = print \(reads)\n", to: "long.lua")
      let result = try await command("check", "long.lua")
      #expect(result.status == 1)
      #expect(result.output.hasSuffix("long.lua: 2801 more findings are not shown\n3000 errors, 1 warning\n"))
      #expect(!result.output.contains("'unused'") && result.output.contains("undefined global 'x199'"))
      #expect(result.output.split(separator: "\n").allSatisfy { $0.count < 200 })
      let document = try Document(json: try await command("check", "long.lua", "--output", "json").output)
      #expect(document["findings"]?.arrayValue?.count == 200 && document["left_out"] == 2801)
      let annotations = try await command("check", "long.lua", "--output", "github")
      #expect(annotations.output.hasSuffix(",title=apig-lua check::2801 more findings are not shown\n"))
    }
  }

  /// Lua takes a carriage return for the end of a line, too.
  @Test func theLineIsTheOneThatThePositionCounts() async throws {
    try await withTemporaryFolder { folder in
      let result = try await Command(in: folder)("check", "-", input: "local a = 1\rprint(a, nope)\r")
      #expect(result.output.contains("stdin:2:10: error: undefined global 'nope'\n    2 | print(a, nope)\n"))
    }
  }

  @Test(arguments: [
    (["check"], "Missing expected argument"),
    (["check", "gone.lua"], "there is no file 'gone.lua'"),
    (["check", "empty"], "there are no scripts in empty"),
    (["check", "release.lua", "--output", "xml"], "xml"),
    (["check", "release.lua", "--allow", "htpp:x"], "there is no permission 'htpp'"),
  ]) func wrongUsageIsNamed(arguments: [String], message: String) async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      try command.write("return 1", to: "release.lua")
      try FileManager.default.createDirectory(
        at: folder.appending(path: "empty"), withIntermediateDirectories: false)
      let result = try await command.run(arguments)
      #expect(result.status == 64)
      #expect(result.messages.contains(message))
      #expect(result.output.isEmpty)
    }
  }
}
