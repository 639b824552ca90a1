import Foundation
import GatewayAPI
import GatewayTestSupport
import Testing

@Suite struct SwitchTests {
  private static func versions(_ command: Command) async throws -> [String] {
    let versions = try await command(
      "-e",
      """
      local out = {}
      for _, api in ipairs(apig.select { published_in = "RELEASE" }) do
        out[#out + 1] = api.name .. " " .. apig.history { api = api, env = "RELEASE" }:effective().version_id
      end
      return out
      """)
    return try #require(try Document(json: versions.output).arrayValue).compactMap(\.stringValue)
  }

  @Test func oneAPISwitchesByNumberByIDAndByStep() async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      let history = try await command(
        "-e",
        "local h = apig.history { api = 'pay-create', env = 'RELEASE' } return { h[2].version_no, h[1].version_id }")
      let names = try #require(try Document(json: history.output).arrayValue).compactMap(\.stringValue)
      for version in [names[0], names[1], "-1"] {
        let result = try await command("api", "switch", "pay-create", "--env", "RELEASE", "--version", version)
        #expect(result.status == 0, "\(result.messages)")
        #expect(result.output == "{\"switched\":1}\n")
      }
      // Minus one is where the first switch went.
      let again = try await command("api", "switch", "pay-create", "--env", "RELEASE", "--version", names[0])
      #expect(again.output == "{\"switched\":0}\n")
      #expect(again.messages == "nothing to do: RELEASE runs \(names[0]) of pay-create already\n")
    }
  }

  @Test func aSnapshotReplacesNoOtherFile() async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      try command.write("print 'mine'", to: "mine.lua")
      let refused = try await command("snapshot", "RELEASE", "--out", "mine.lua")
      #expect(refused.status == 64 && refused.messages.contains("is no snapshot"), "\(refused.messages)")
      #expect(try String(contentsOf: folder.appending(path: "mine.lua"), encoding: .utf8) == "print 'mine'")
      for _ in 1...2 { #expect(try await command("snapshot", "RELEASE", "--out", "now.json").status == 0) }
    }
  }

  @Test func aSnapshotBringsBackWhatDiffersAndNothingElse() async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      let before = try await Self.versions(command)
      #expect(try await command("snapshot", "RELEASE", "--out", "before.json").status == 0)
      let nothing = try await command("api", "switch", "--from", "before.json")
      #expect(nothing.status == 0)
      #expect(nothing.output == "{\"newer\":0,\"switched\":0,\"unchanged\":10}\n")

      _ = try await command(
        "-e",
        """
        apig.publish { group = "payments", env = "RELEASE", if_changed = true }
        apig.offline { api = "order-list", env = "RELEASE" }
        """)
      let back = try await command("api", "switch", "--from", "before.json", "--output", "json")
      #expect(back.status == 0, "\(back.messages)")
      #expect(back.messages.contains("pay-webhook is published to RELEASE since the snapshot: left alone"))
      let document = try Document(json: back.output)
      #expect(document["value"] == ["newer": 1, "switched": 3, "unchanged": 7])
      let names = Set((document["apis"]?.arrayValue ?? []).compactMap { $0["name"]?.stringValue })
      #expect(names == ["pay-create", "pay-refund", "order-list"])
      let after = try await Self.versions(command).filter { !$0.hasPrefix("pay-webhook ") }
      #expect(Set(after) == Set(before))
    }
  }

  @Test func whatTheGatewayNoLongerKeepsIsRefusedOrSkipped() async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      _ = try await command("snapshot", "RELEASE", "--out", "before.json")
      _ = try await command(
        "-e",
        """
        for _ = 1, 10 do apig.publish { api = "pay-quote", env = "RELEASE" } end
        apig.publish { api = "pay-create", env = "RELEASE" }
        """)
      let changed = try await Self.versions(command)
      let refused = try await command("api", "switch", "--from", "before.json")
      #expect(refused.status == 1)
      #expect(refused.messages.contains("1 of 10 APIs cannot go back, so nothing was switched"))
      #expect(refused.output.contains("the gateway no longer keeps the version"))
      #expect(try await Self.versions(command) == changed)

      let skipped = try await command("api", "switch", "--from", "before.json", "--skip-missing")
      #expect(skipped.status == 3)
      #expect(skipped.messages.contains("1 APIs could not go back"))
      let after = try await Self.versions(command)
      #expect(Set(after).symmetricDifference(changed).map { $0.prefix { $0 != " " } } == ["pay-create", "pay-create"])
    }
  }

  @Test(arguments: [
    (["api", "switch"], "name an API, or a snapshot with --from"),
    (["api", "switch", "pay-create"], "--version is missing"),
    (["api", "switch", "pay-create", "--version", "-1"], "the environment is missing"),
    (["api", "switch", "pay-create", "--from", "x.json"], "an API and --from exclude each other"),
    (["api", "switch", "--from", "gone.json"], "gone.json"),
    (["api", "switch", "--from", "other.json"], "other.json cannot be used: it is no snapshot of an environment"),
    (["api", "switch", "--from", "far.json"], "far.json was taken of gateway 'prod', this is 'local'"),
    (["api", "switch", "--from", "near.json", "--env", "TEST"], "near.json was taken of RELEASE, not of TEST"),
    (["api", "switch", "--from", "torn.json"], "torn.json cannot be used: apis[0] has no 'version_id'"),
  ])
  func mistakesAreNamed(arguments: [String], message: String) async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      func snapshot(_ gateway: String, _ apis: String) -> String {
        """
        {"kind": "environment snapshot", "schema": 1, "gateway": "\(gateway)", "taken_at": "2026-11-20T10:00:00Z",
         "env": {"id": "DEFAULT_ENVIRONMENT_RELEASE_ID", "name": "RELEASE"}, "apis": [\(apis)]}
        """
      }
      try command.write("{}", to: "other.json")
      try command.write(snapshot("prod", ""), to: "far.json")
      try command.write(snapshot("local", ""), to: "near.json")
      try command.write(snapshot("local", "{\"api_id\": \"1\"}"), to: "torn.json")
      let result = try await command.run(arguments)
      #expect(result.status == 64)
      #expect(result.messages.contains(message), "\(result.messages)")
    }
  }

  @Test func textThatLooksLikeLuaStaysText() async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      let taken = try await command("snapshot", "RELEASE", "--group", "orders")
      let hostile = taken.output.replacing("order-list", with: "]] error('x') --]=]")
      try command.write(hostile, to: "hostile.json")
      let result = try await command("api", "switch", "--from", "hostile.json")
      #expect(result.status == 0, "\(result.messages)")
    }
  }
}
