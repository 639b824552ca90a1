import Foundation
import FoundationXML
import GatewayAPI
import GatewayTestSupport
import Subprocess
import SystemPackage
import Testing
import Yams

/// What a run writes for machines: `--output` and `--report`.
@Suite(.timeLimit(.minutes(5))) struct RunOutputTests {
  private static let failingCanary = """
    local apig = require "apig"
    apig.with_rollback(function()
      for wave in apig.waves(apig.select { group = "payments" }, { 1, "50%", "100%" }) do
        apig.publish { apis = wave.items, env = "TEST" }
        if wave.index == 2 then
          error("probe said <no> | \\"never\\"")
        end
      end
    end)
    """

  @Test func yamlIsTheSameDocument() async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      let result = try await command("--output", "yaml", "-e", "print 'line' return { n = 1, text = 'no' }")
      #expect(result.status == 0 && result.messages == "line\n")
      let document = try #require(try Yams.load(yaml: result.output) as? [String: Any])
      let value = try #require(document["value"] as? [String: Any])
      #expect(value["n"] as? Int == 1 && value["text"] as? String == "no")
      #expect(document["output"] as? [String] == ["line"])
      #expect(document["outcome"] as? String == "unchanged")
    }
  }

  @Test func eventsComeOneToALineAndTheResultLast() async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      try command.write(Self.failingCanary, to: "canary.lua")
      let result = try await command("--output", "ndjson", "-q", "canary.lua")
      #expect(result.status == 4)
      let lines = result.output.split(separator: "\n")
      #expect(lines.allSatisfy { $0.hasPrefix("{\"event\":\"") })
      let events = try lines.map { try Document(json: String($0)) }
      let names = events.compactMap { $0["event"]?.stringValue }
      #expect(
        names == [
          "run", "wave_began", "change_began", "api", "change_ended", "wave_ended", "wave_began", "change_began", "api",
          "api", "api", "change_ended", "failed", "undo_began", "api", "api", "api", "api", "result",
        ])
      let first = try #require(events.first { $0["event"] == "api" })
      #expect(first["name"] == "pay-create" && first["state"] == "changed")
      #expect(first["wave"] == "1/3" && first["where"] == "canary.lua:4")
      #expect(events.dropLast().allSatisfy { $0["time"]?.stringValue.flatMap(Timestamp.init(_:)) != nil })
      #expect(events.last?["outcome"] == "rolled_back" && events.last?["run"] == events.first?["run"])
    }
  }

  @Test func eventsAreThereWhileTheRunGoesOn() async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      let result = try await Subprocess.run(
        .path(FilePath(Command.binary)),
        arguments: ["--output", "ndjson", "-q", "-e", "print 'x' apig.wait { time = '1h' }"],
        environment: .custom(command.environment), workingDirectory: FilePath(folder.path), input: .none,
        output: .sequence, error: .discarded
      ) { run in
        var last = ""
        for try await line in run.standardOutput.strings() where !line.isEmpty {
          last = line
          // Nobody would be told of the hour before it is over, were the lines kept back.
          if line.hasPrefix("{\"event\":\"wait_began\"") { try run.send(signal: .interrupt) }
        }
        return last
      }
      #expect(result.terminationStatus == .exited(130))
      let last = try Document(json: result.closureResult)
      #expect(last["event"] == "result" && last["outcome"] == "cancelled")
    }
  }

  @Test func csvIsOneTableAndMarkdownASummary() async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      let code =
        "print 'x' apig.offline { apis = { 'pay-create', 'pay-webhook' }, env = 'STAGING', on_failure = 'return' }"
      let csv = try await command("--output", "csv", "-e", code)
      #expect(csv.status == 3)
      let lines = csv.output.split(separator: "\n")
      #expect(lines.count == 3 && lines[0] == "gateway,api,name,env,before,after,state,error")
      #expect(lines.contains { $0.contains(",pay-create,STAGING,") && $0.hasSuffix(",,changed,") })
      #expect(csv.messages.hasPrefix("x\n"))

      let own = try await command(
        "--output", "csv", "-e", "apig.report.table({ { a = 1, b = 'x,y' } }, { 'a', 'b' }) " + code)
      #expect(own.output == "a,b\n1,\"x,y\"\n")

      _ = try await command("api", "publish", "pay-create", "--env", "STAGING")
      let markdown = try await command(
        "--output", "markdown", "-e", "apig.report.table({ { a = '*' } }, { 'a' }) " + code)
      #expect(markdown.output.hasPrefix("| a |\n| --- |\n| \\* |\n\n### apig-lua -e: ✘ 1 taken off STAGING, 1 failed"))
      #expect(markdown.output.contains("\n| API | environment | was | now | state | why |\n"))
      #expect(markdown.output.contains("| pay-webhook | STAGING |  |  | failed | APIG.3015 "))
    }
  }

  @Test func aPlanHasEveryFormToo() async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      func plan(_ format: String) async throws -> String {
        try await command("-n", "--output", format, "api", "publish", "pay-create", "--env", "RELEASE").output
      }
      #expect(try await plan("csv").contains(",pay-create,RELEASE,"))
      #expect(try await plan("markdown").hasPrefix("| api | name | env | runs_now | after_apply | error |\n"))
      #expect(try await plan("ndjson").hasPrefix("{\"event\":\"plan\","))
      let yaml = try #require(try Yams.load(yaml: try await plan("yaml")) as? [String: Any])
      #expect(yaml["apig_lua_plan"] as? Int == 1)
    }
  }

  // MARK: - Reports

  @Test func aFailedWaveIsAFailedSuite() async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      try FileManager.default.createDirectory(at: folder.appending(path: "scripts"), withIntermediateDirectories: true)
      try command.write(Self.failingCanary, to: "scripts/canary.lua")
      try command.write("what was there\n", to: "job.md")
      let result = try await command(
        "--report", "junit=out/run.xml", "--report", "github=job.md", "--report=markdown=out/run.md",
        "scripts/canary.lua")
      #expect(result.status == 4 && result.output.isEmpty)

      let tree = ElementReader()
      let parser = XMLParser(data: try Data(contentsOf: folder.appending(path: "out/run.xml")))
      parser.delegate = tree
      #expect(parser.parse())
      func all(_ attribute: String, of name: String) -> [String?] {
        tree.elements.filter { $0.name == name }.map { $0.attributes[attribute] }
      }
      #expect(all("name", of: "testsuite") == ["wave 1/3", "wave 2/3"])
      #expect(all("failures", of: "testsuites") == ["4"])
      #expect(Set(all("name", of: "testcase")) == ["pay-create", "pay-refund", "pay-webhook", "pay-status"])
      let message = "probe said <no> | \"never\""
      #expect(all("message", of: "failure") == Array(repeating: message, count: 4))

      let annotations = result.messages.split(separator: "\n").filter { $0.hasPrefix("::") }
      #expect(annotations.count == 1)
      #expect(annotations[0].hasPrefix("::error file=scripts/canary.lua,line=6,title=apig-lua canary.lua%2C run r-"))
      #expect(annotations[0].hasSuffix("::\(message); 4 APIs put back"))

      let summary = try String(contentsOf: folder.appending(path: "out/run.md"), encoding: .utf8)
      #expect(summary.hasPrefix("### apig-lua canary.lua: ✘ failed in wave 2/3, everything undone"))
      #expect(summary.contains("> canary.lua:6: probe said &lt;no> \\| \"never\"\n"))
      #expect(summary.contains("| pay-create | TEST |  |  | undone | 1/3 |\n"))
      let job = try String(contentsOf: folder.appending(path: "job.md"), encoding: .utf8)
      #expect(job == "what was there\n" + summary + "\n")
    }
  }

  @Test func whatFailedIsAnnotatedAtTheLineThatCalled() async throws {
    try await withTemporaryFolder { folder in
      var command = Command(in: folder)
      command.variables["GITHUB_STEP_SUMMARY"] = folder.appending(path: "step.md").path
      let script = """
        apig.publish { api = "pay-create", env = "TEST" }

        apig.offline { apis = { "pay-create", "pay-webhook" }, env = "TEST", on_failure = "return" }
        """
      try command.write(script, to: "release.lua")
      let result = try await command("--report", "github", "-q", "release.lua")
      #expect(result.status == 3)
      #expect(
        result.messages.contains(/^::error file=release.lua,line=3,title=[^:]+::pay-webhook: APIG.3015 [^\n]+\n$/),
        "\(result.messages)")
      #expect(try String(contentsOf: folder.appending(path: "step.md"), encoding: .utf8).contains("| pay-webhook |"))
    }
  }

  @Test func differencesAndGoodRunsAreNoFailures() async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      for (code, status) in [
        ("apig.exit('differences')", Int32(2)), ("apig.publish { api = 'pay-create', env = 'TEST' }", 0),
      ] {
        let result = try await command("-q", "--report", "junit=run.xml", "--report", "github=s.md", "-e", code)
        #expect(result.status == status && result.messages.isEmpty)
        let xml = try String(contentsOf: folder.appending(path: "run.xml"), encoding: .utf8)
        #expect(xml.contains("failures=\"0\" errors=\"0\"") && !xml.contains("<failure") && !xml.contains("<error"))
      }
      // A rollback that works is none either.
      let undone = try await command("-q", "--report", "junit=run.xml", "rollback", "last")
      #expect(undone.status == 0)
      let xml = try String(contentsOf: folder.appending(path: "run.xml"), encoding: .utf8)
      #expect(xml.contains("tests=\"1\" failures=\"0\" errors=\"0\""))
    }
  }

  @Test func aRunThatFailsBeforeAnyChangeFailsInJUnitToo() async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      let result = try await command("-q", "--report", "junit=run.xml", "-e", "error('early')")
      #expect(result.status == 1)
      let xml = try String(contentsOf: folder.appending(path: "run.xml"), encoding: .utf8)
      #expect(
        xml.contains("tests=\"1\" failures=\"0\" errors=\"1\"") && xml.contains("<error message=\"early\">-e:1: early"))
    }
  }

  @Test(arguments: [
    ("junt=x.xml", "did you mean 'junit'?"), ("junit", "--report junit needs a file"),
    ("github", "write github=FILE, or set GITHUB_STEP_SUMMARY"), ("junit=mine.lua", "mine.lua is there already"),
    ("markdown=mine.lua", "mine.lua is there already"), ("junit=mine.lua/x.xml", "mine.lua/x.xml cannot be written"),
    ("markdown=.", "it is a folder"),
  ])
  func aReportThatCannotBeWrittenIsToldBeforeTheRun(report: String, message: String) async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      let script = "apig.publish { api = 'pay-create', env = 'TEST' }"
      try command.write(script, to: "mine.lua")
      let result = try await command("--report", report, "mine.lua")
      #expect(result.status == 64 && result.messages.contains(message), "\(result.messages)")
      #expect(try String(contentsOf: folder.appending(path: "mine.lua"), encoding: .utf8) == script)
      #expect(try await command("journal", "list").output.isEmpty)
    }
  }

  @Test func reportsAreOfRunsOnly() async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      for arguments in [
        ["api", "list"], ["plan", "-e", "return"], ["-n", "api", "offline", "pay-create", "--env", "TEST"],
      ] {
        let result = try await command.run(["--report", "junit=x.xml"] + arguments)
        #expect(result.status == 64 && result.messages.contains("--report is about a run"), "\(arguments): \(result)")
      }
    }
  }
}
