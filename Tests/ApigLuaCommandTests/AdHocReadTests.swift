import Foundation
import GatewayAPI
import GatewayTestSupport
import Testing
import Yams

/// `api list|show|history|diff|export`, `env list`, `group list`, `gateway list|ping`.
@Suite(.timeLimit(.minutes(5))) struct AdHocReadTests {
  private static func names(_ result: Command.Result) throws -> [String] {
    try #require(try Document(json: result.output).arrayValue).compactMap { $0["name"]?.stringValue }
  }

  @Test func listsTakeTheConditionsThatScriptsHave() async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      let selections: [(arguments: [String], options: String)] = [
        ([], ""), (["--env", "STAGING"], "published_in = 'STAGING'"), (["--group", "orders"], "group = 'orders'"),
        (["--name", "pay-*e*"], "name = 'pay-*e*'"), (["--tag", "demo"], "tag = 'demo'"),
        (["--changed-in", "RELEASE"], "changed_in = 'RELEASE'"),
        (["--group", "payments", "--env", "RELEASE", "--skip", "*e", "--skip", "pay-re*"], ""),
      ]
      for (arguments, options) in selections.dropLast() {
        let listed = try await command.run(["api", "list", "--output", "json"] + arguments)
        let selected = try await command("-e", "return apig.select { \(options) }:names()")
        #expect(
          try Self.names(listed) == Document(json: selected.output).arrayValue?.compactMap(\.stringValue),
          "\(arguments)")
        #expect(listed.messages.isEmpty)
      }
      let narrowed = try await command.run(["api", "list", "--output", "json"] + selections[6].arguments)
      #expect(try Self.names(narrowed) == ["pay-status", "pay-cancel", "pay-methods"])
      let none = try await command("api", "list", "--name", "nothing-*")
      #expect(none.status == 0 && none.output.isEmpty && none.messages == "there is no such API\n")
    }
  }

  @Test func optionsMayStandBeforeTheCommand() async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      let list = try await command("--output", "json", "--env", "STAGING", "api", "list")
      #expect(try Self.names(list) == ["pay-create", "pay-refund", "pay-status"])
      let between = try await command("--output", "json", "api", "--env", "STAGING", "list")
      #expect(between.output == list.output)
      // Its own option is no question for the program's version.
      let switched = try await command(
        "--yes", "--gateway", "local", "api", "switch", "pay-create", "--env", "RELEASE", "--version", "-1")
      #expect(switched.output == "{\"switched\":1}\n", "\(switched)")
    }
  }

  @Test func everyFormTellsTheSame() async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      let remark = "a,\"b\" | *c* <i>\nd"
      _ = try await command("-e", "apig.create_group { name = 'odd', remark = ... }", remark)
      func list(_ format: String) async throws -> String {
        let result = try await command("group", "list", "--output", format)
        #expect(result.status == 0 && result.messages.isEmpty, "\(result.messages)")
        return result.output
      }
      let json = try Document(json: try await list("json"))
      let records = try #require(json.arrayValue)
      #expect(Set(records.compactMap { $0["name"]?.stringValue }) == ["odd", "orders", "payments"])
      #expect(records.first { $0["name"] == "odd" }?["remark"]?.stringValue == remark)

      let yaml = try #require(try Yams.load(yaml: try await list("yaml")) as? [[String: Any]])
      #expect(yaml.map { $0["remark"] as? String } == records.map { $0["remark"]?.stringValue })
      #expect(yaml.map { $0["id"] as? String } == records.map { $0["id"]?.stringValue })

      let lines = try await list("ndjson").split(separator: "\n")
      #expect(lines.allSatisfy { $0.hasPrefix("{\"event\":\"group\",") })
      let events = try lines.map { try Document(json: String($0)).objectValue ?? [:] }
      #expect(events.map { Document.object($0.filter { $0.key != "event" }) } == records)

      let csv = try await list("csv")
      #expect(csv.hasPrefix("name,register_time,remark,id\n") && csv.contains("\nodd,2"))
      #expect(csv.contains(",\"a,\"\"b\"\" | *c* <i>\nd\","))
      let markdown = try await list("markdown")
      #expect(markdown.hasPrefix("| name | register_time | remark | id |\n| --- | --- | --- | --- |\n| "))
      #expect(markdown.contains(" | a,\"b\" \\| \\*c\\* &lt;i> d | "))
      #expect(try await list("table").contains(/odd +\S+ +a,"b" \| \*c\* <i> d\n/))
    }
  }

  @Test func theVariableSaysHowResultsAreWritten() async throws {
    try await withTemporaryFolder { folder in
      var command = Command(in: folder)
      command.variables["APIG_OUTPUT"] = "csv"
      #expect(try await command("env", "list").output.hasPrefix("name,id,remark,protect\nRELEASE,"))
      #expect(try await command("env", "list", "--output", "json").output.hasPrefix("[{"))
      command.variables["APIG_OUTPUT"] = "xml"
      let wrong = try await command("env", "list")
      #expect(wrong.status == 64 && wrong.messages.contains("it is one of table, json, ndjson, yaml, csv, markdown"))
    }
  }

  @Test func anAPIIsShownAsDraftAsItRunsAndAsItWas() async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      func remark(_ arguments: String...) async throws -> String? {
        let result = try await command.run(["api", "show", "pay-create", "--output", "json"] + arguments)
        return try Document(json: result.output)["remark"]?.stringValue
      }
      #expect(try await remark() == "pay-create, second edition")
      #expect(try await remark("--env", "RELEASE") == "pay-create, first edition")
      _ = try await command("-e", "apig.publish { api = 'pay-create', env = 'RELEASE' }")
      #expect(try await remark("--env", "RELEASE") == "pay-create, second edition")
      #expect(try await remark("--env", "RELEASE", "--version", "-1") == "pay-create, first edition")
      let table = try await command("api", "show", "pay-create")
      #expect(table.output.contains(/req_method +POST\n/))
      let wrong = try await command("api", "show", "pay-creat")
      #expect(wrong.status == 1 && wrong.messages.contains("did you mean 'pay-create'?"))
    }
  }

  @Test func aHistoryMarksWhatIsInEffect() async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      let one = try await command("api", "history", "pay-create", "--env", "RELEASE")
      #expect(one.output.split(separator: "\n").count == 4)
      #expect(one.output.split(separator: "\n")[1].contains(/^\d{14} +\S+Z +effective +weekly release$/))
      #expect(one.messages == "  3 records of at most 10\n")
      let all = try await command("api", "history", "pay-create")
      #expect(all.output.contains(/effective +try-out +STAGING\n/))
      let never = try await command("api", "history", "pay-webhook", "--env", "RELEASE")
      #expect(never.output.isEmpty && never.messages == "pay-webhook was never published to RELEASE\n")
    }
  }

  @Test func aDiffTellsWhatPublishingWouldChangeAndEndsWithTwo() async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      let differs = try await command("api", "diff", "pay-create", "--env", "RELEASE")
      #expect(differs.status == 2)
      #expect(differs.output.contains(/^pay-create   \d{14} → draft\n~ remark\n/))
      let json = try await command("api", "diff", "pay-create", "--env", "RELEASE", "--output", "json")
      #expect(json.status == 2)
      let document = try Document(json: json.output)
      #expect(document["differences"] == 1 && document["right"] == "draft")
      #expect(document["changes"]?.arrayValue?.first?["path"] == "remark")

      _ = try await command("-e", "apig.publish { api = 'pay-create', env = 'RELEASE' }")
      let same = try await command("api", "diff", "pay-create", "--env", "RELEASE")
      #expect(same.status == 0 && same.output.hasPrefix("no differences between"))
      let back = try await command("api", "diff", "pay-create", "--env", "RELEASE", "--from", "-1", "--to", "draft")
      #expect(back.status == 2)
      let unnamed = try await command("api", "diff", "pay-create")
      #expect(unnamed.status == 64 && unnamed.messages.contains("the environment is missing"))
    }
  }

  @Test func anExportIsWhatScriptsGetAndReplacesNothingElse() async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      let own = try await command("-e", "return apig.export { group = 'payments', env = 'RELEASE' }")
      let export = try await command("api", "export", "--group", "payments", "--env", "RELEASE")
      #expect(try Document(json: export.output) == Document(json: own.output))
      for name in ["out.json", "out.yaml"] {
        for _ in 1...2 {
          let written = try await command("api", "export", "--group", "payments", "--env", "RELEASE", "--out", name)
          #expect(written.status == 0 && written.output.isEmpty, "\(written.messages)")
        }
      }
      let yaml = try String(contentsOf: folder.appending(path: "out.yaml"), encoding: .utf8)
      let paths = try #require((try Yams.load(yaml: yaml) as? [String: Any])?["paths"] as? [String: Any])
      #expect(Set(paths.keys) == Set(try Document(json: own.output)["paths"]?.objectValue?.keys.map(\.self) ?? []))
      #expect(try await command("drift", "out.json", "RELEASE").status == 0)

      let one = try await command("api", "export", "pay-create", "--env", "RELEASE")
      #expect(try Document(json: one.output)["paths"]?.objectValue?.keys.map(\.self) == ["/payments"])
      let mixed = try await command("api", "export", "pay-create", "order-list", "--env", "RELEASE")
      #expect(mixed.status == 64 && mixed.messages.contains("the APIs are of 2 groups"))
      try command.write("print 'mine'", to: "mine.lua")
      let refused = try await command(
        "api", "export", "--group", "payments", "--env", "RELEASE", "--out", "mine.lua")
      #expect(refused.status == 64 && refused.messages.contains("is no definition"))
      #expect(try String(contentsOf: folder.appending(path: "mine.lua"), encoding: .utf8) == "print 'mine'")
    }
  }

  @Test func environmentsTellWhatProtectsThemAndGatewaysWhatTheyAreCalled() async throws {
    try await withGatewayProject(lines: ["rate: 50/s", "envs: { RELEASE: { protect: confirm } }"]) { command, _ in
      var command = command
      let environments = try await command("env", "list")
      #expect(environments.output.contains(/RELEASE +DEFAULT_ENVIRONMENT_RELEASE_ID +confirm\n/))
      let gateways = try Document(json: try await command("gateway", "list", "--output", "json").output)
      #expect(gateways.arrayValue?.map { $0["name_here"] } == ["prod"])

      let ping = try await command("gateway", "ping", "--count", "3", "--output", "json")
      let document = try Document(json: ping.output)
      #expect(document["milliseconds"]?.arrayValue?.count == 3)
      #expect(document["limit"] == "50/s" && document["gateway"] == "prod")
      #expect(document["caller"]?.stringValue?.contains("APIG_TOKEN") == true)
      #expect(!ping.output.contains("local-token"))
      command.variables["APIG_TOKEN"] = "another"
      #expect(try await command("gateway", "ping").status == 77)
    }
  }

  @Test func aGatewayThatIsNotThereIsUnreachable() async throws {
    try await withTemporaryFolder { folder in
      var command = Command(in: folder)
      command.variables["APIG_TOKEN"] = "x"
      let ping = try await withClosedPort { url in
        try command.configure(endpoint: url)
        return try await command("gateway", "ping", "--retries", "1")
      }
      #expect(ping.status == 69 && ping.output.isEmpty, "\(ping)")
    }
  }

  @Test(arguments: [
    (["api", "export", "--env", "RELEASE"], "name a group with --group, or APIs"),
    (["api", "export", "--group", "payments"], "the environment is missing"),
    (["api", "export", "--group", "payments", "--env", "RELEASE", "--output", "csv"], "a definition is no csv"),
    (["api", "lst"], "lst"), (["gateway", "ping", "--count", "0"], "--count must be 1 or more"),
    (["env"], "list"),
  ])
  func mistakesAreNamed(arguments: [String], message: String) async throws {
    try await withTemporaryFolder { folder in
      let result = try await Command(in: folder).run(arguments)
      #expect((result.messages + result.output).contains(message), "\(result)")
      if arguments != ["env"] { #expect(result.status == 64) }
    }
  }
}
