import Foundation
import GatewayAPI
import GatewayTestSupport
import Testing

/// Streams, formats, help, and where a script may come from.
@Suite struct CommandLineTests {
  @Test func theResultIsOnStandardOutputAndEverythingElseIsNot() async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      let code =
        "print('line') apig.log.info('note') apig.publish { api = 'pay-create', env = 'TEST' } return { n = 1 }"
      let run = try await command("-e", code)
      #expect(run.output == "line\n{\"n\":1}\n")
      #expect(run.messages.contains("note") && run.messages.contains("✔ 1 published to TEST"))
      let quiet = try await command("-q", "-e", code)
      #expect(quiet.output == "line\n{\"n\":1}\n")
      #expect(quiet.messages.isEmpty)
    }
  }

  @Test func jsonIsOneDocumentAlsoWhenTheScriptFails() async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      let good = try await command("--output", "json", "-e", "print('a', 1) apig.report.table({{x=1}}, {'x'}) return 5")
      let document = try Document(json: good.output)
      #expect(document["schema"] == 1 && document["value"] == 5 && document["outcome"] == "unchanged")
      #expect(document["output"] == ["a\t1", [["x": "1"]]])
      #expect(good.messages == "a\t1\n")

      let bad = try await command(
        "--output", "json", "-e", "apig.publish { api = 'pay-create', env = 'TEST' } error('no more')")
      let failure = try Document(json: bad.output)
      #expect(bad.status == 3, "something was changed and is kept")
      #expect(failure["exit"] == 3 && failure["outcome"] == "partly_done")
      #expect(failure["error"]?["message"] == "no more" && failure["error"]?["where"] == "-e:1")
      #expect(failure["summary"]?["changed"] == 1)
    }
  }

  @Test func changesThatAreNoReleaseCountAsChangesToo() async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      let run = try await command("-e", "apig.create_env { name = 'EXTRA' } error('then it breaks')")
      #expect(run.status == 3, "the gateway is not as it was")
      #expect(run.messages.contains("✘ 1 create_env"))
      let good = try await command("--output", "json", "-e", "apig.create_env { name = 'EXTRA2' }")
      let document = try Document(json: good.output)
      #expect(document["outcome"] == "changed")
      #expect(document["others"] == [["operation": "create_env", "count": 1, "state": "changed"]])
    }
  }

  @Test func aScriptMayComeFromAFileALineOrStandardInput() async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      try command.write("#!/usr/bin/env apig-lua\nreturn select('#', ...)", to: "script.lua")
      #expect(try await command("script.lua", "a", "-q", "--x").output == "3\n")
      #expect(try await command("run", "script.lua").output == "0\n")
      #expect(try await command("-e", "return ...", "word").output == "word\n")
      #expect(try await command(input: "return 'piped'").output == "piped\n")
      #expect(try await command("-", "x", input: "return ...").output == "x\n")
      #expect(try await command("-e", "").output.isEmpty)
    }
  }

  @Test func modulesAreThoseBesideTheScript() async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      try FileManager.default.createDirectory(
        at: folder.appending(path: "book/lib"), withIntermediateDirectories: true)
      try command.write("return { double = function(n) return 2 * n end }", to: "book/lib/numbers.lua")
      try command.write("return require('lib.numbers').double(21)", to: "book/main.lua")
      #expect(try await command("book/main.lua").output == "42\n")
      #expect(try await command(folder.path + "/book/main.lua").output == "42\n")
      let none = try await command("-e", "require 'lib.numbers'")
      #expect(none.status == 1 && none.messages.contains("module 'lib.numbers' not found"))
    }
  }

  @Test func helpIsForTheCommandAndForThePlaybook() async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      let general = try await command("--help")
      #expect(general.status == 0 && general.output.contains("apig-lua [options] SCRIPT [parameters]"))
      #expect(general.messages.isEmpty)
      let playbook = try await command(ReleaseTests.playbook, "--help")
      #expect(playbook.status == 0)
      #expect(playbook.output.contains("--group NAME     API group to release (required)"))
      #expect(playbook.output.contains("(default RELEASE)"))
      #expect(try await command("--version").output.hasPrefix("apig-lua "))
      #expect(!FileManager.default.fileExists(atPath: folder.appending(path: "data").path), "nothing was opened")
    }
  }

  @Test func parametersMayBeGivenBothWays() async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      try command.write("return apig.params { a = { type = 'integer' }, b_c = {} }", to: "p.lua")
      #expect(try await command("-p", "a=4", "p.lua", "--b-c", "x").output == "{\"a\":4,\"b_c\":\"x\"}\n")
      #expect(try await command("-p", "a", "p.lua").status == 64)
    }
  }

  @Test(arguments: [("ok", 0), ("differences", 2), ("failed", 1)] as [(String, Int32)])
  func exitCodesAreTheScriptsToChoose(_ name: String, _ status: Int32) async throws {
    try await withTemporaryFolder { folder in
      let run = try await Command(in: folder)("-e", "apig.exit('\(name)', 'because')")
      #expect(run.status == status)
      #expect(run.messages == "because\n")
    }
  }

  @Test func colourIsOnlyThereWhenAskedFor() async throws {
    try await withTemporaryFolder { folder in
      var command = Command(in: folder)
      let escape = "\u{1B}["
      let plain = try await command("-e", "error 'x'")
      #expect(!plain.messages.contains(escape))
      #expect(try await command("--color", "always", "-e", "error 'x'").messages.contains(escape))
      command.variables["CLICOLOR_FORCE"] = "1"
      #expect(try await command("-e", "error 'x'").messages.contains(escape))
      command.variables["NO_COLOR"] = "1"
      #expect(!(try await command("-e", "error 'x'").messages.contains(escape)))
      command.variables["LANG"] = "C"
      #expect(try await command("-e", "error 'x'").messages.hasPrefix("error: -e:1: x"))
    }
  }

  @Test func anErrorShowsItsLineAndItsTraceback() async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      try command.write(
        """
        local function inner()
          error('broken')
        end
        local function outer() inner() return 1 end
        local x = outer()
        """,
        to: "script.lua")
      let run = try await command("script.lua")
      #expect(run.status == 1)
      #expect(run.messages.contains("script.lua:2: broken\n  2 |   error('broken')\n"))
      #expect(run.messages.contains("script.lua:4") && run.messages.contains("script.lua:5"))
    }
  }

  @Test(arguments: [["--isolate"], []]) func anErrorInAModuleShowsTheLineOfTheModule(_ options: [String]) async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      try command.write("local M = {}\nfunction M.go(api)\n  return api.name.first\nend\nreturn M", to: "steps.lua")
      try command.write("coroutine.wrap(function() require 'steps'.go {} end)()", to: "script.lua")
      let run = try await command.run(options + ["script.lua"])
      #expect(run.status == 1)
      let shown = "  3 |   return api.name.first\n    |              ^\n"
      #expect(run.messages.contains(shown), "\(run.messages)")
      #expect(run.messages.contains("  steps.lua:3: in field 'go'\n  script.lua:1: in function"), "\(run.messages)")
    }
  }

  @Test func whatAScriptPrintsCannotSteerTheTerminalThroughMessages() async throws {
    try await withTemporaryFolder { folder in
      let run = try await Command(in: folder)("-e", "apig.log.warn('a\\27[2Jb') error('c\\27[2Jd')")
      #expect(!run.messages.contains("\u{1B}"))
    }
  }
}
