import Foundation
import GatewayAPI
import GatewayTestSupport
import Testing

/// `api publish` and `api offline`: runs like those of scripts.
@Suite(.timeLimit(.minutes(5))) struct AdHocReleaseTests {
  private static func published(_ command: Command, in environment: String) async throws -> Set<String> {
    let list = try await command("api", "list", "--env", environment, "--output", "json")
    return Set(try #require(try Document(json: list.output).arrayValue).compactMap { $0["name"]?.stringValue })
  }

  @Test func namedAPIsArePublishedWithTheirRemarkAndUndone() async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      let one = try await command("api", "publish", "pay-create", "--env", "TEST", "--remark", "hotfix 812")
      #expect(one.status == 0, "\(one.messages)")
      #expect(one.output == "{\"published\":1,\"unchanged\":0}\n")
      #expect(one.messages.contains("✔ 1 published to TEST"))
      let history = try await command("api", "history", "pay-create", "--env", "TEST", "--output", "json")
      let version = try Document(json: history.output).arrayValue?.first
      #expect(version?["remark"]?.stringValue?.hasPrefix("hotfix 812") == true)
      let two = try await command("api", "publish", "pay-refund", "order-list", "--env", "TEST", "--output", "json")
      let document = try Document(json: two.output)
      #expect(document["value"] == ["published": 2, "unchanged": 0] && document["summary"]?["changed"] == 2)
      #expect(try await Self.published(command, in: "TEST") == ["pay-create", "pay-refund", "order-list"])

      let run = try #require(document["run"]?.stringValue)
      #expect(try await command("rollback", run).status == 0)
      #expect(try await Self.published(command, in: "TEST") == ["pay-create"])
      #expect(
        try await command("journal", "list").output.contains("api publish --env TEST --apis pay-refund,order-list"))
    }
  }

  @Test func selectionsAreThoseOfLists() async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      let changed = try await command(
        "api", "publish", "--group", "payments", "--changed-in", "RELEASE", "--env", "RELEASE")
      #expect(changed.output == "{\"published\":3,\"unchanged\":0}\n", "\(changed.messages)")
      let again = try await command("api", "publish", "--group", "payments", "--env", "RELEASE", "--if-changed")
      #expect(again.output == "{\"published\":0,\"unchanged\":8}\n")
      #expect(again.messages.contains("nothing to do: RELEASE runs what is in the drafts already"))

      let narrowed = try await command(
        "api", "offline", "--name", "pay-*", "--env", "STAGING", "--skip", "pay-refund")
      #expect(narrowed.output == "{\"offline\":2}\n", "\(narrowed.messages)")
      #expect(try await Self.published(command, in: "STAGING") == ["pay-refund"])
      let none = try await command("api", "offline", "--group", "orders", "--env", "STAGING")
      #expect(none.status == 0 && none.messages.contains("there is no such API"))
    }
  }

  @Test func aRehearsalChangesNothingAndItsPlanIsAppliedOnce() async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      let before = try await command("snapshot", "RELEASE").output
      let plan = try await command(
        "api", "publish", "pay-create", "pay-webhook", "--env", "RELEASE", "-n", "--out", "it.plan")
      #expect(plan.status == 0, "\(plan.messages)")
      #expect(plan.output.contains("~ publish   2 APIs to RELEASE") && !plan.messages.contains("--assume"))
      let offline = try await command("-n", "api", "offline", "pay-create", "--env", "RELEASE")
      #expect(offline.output.contains("off RELEASE"), "\(offline.messages)")
      let switched = try await command(
        "api", "switch", "pay-create", "--env", "RELEASE", "--version", "-1", "--dry-run")
      #expect(switched.output.contains("in RELEASE"), "\(switched.messages)")
      func withoutTime(_ snapshot: String) throws -> [String: Document]? {
        try Document(json: snapshot).objectValue?.filter { $0.key != "taken_at" }
      }
      #expect(try await withoutTime(command("snapshot", "RELEASE").output) == withoutTime(before))

      let applied = try await command("apply", "it.plan")
      #expect(applied.output == "{\"published\":2,\"unchanged\":0}\n", "\(applied.messages)")
      #expect(try await command("apply", "it.plan").status == 8)
    }
  }

  @Test func aProtectedEnvironmentIsAskedFor() async throws {
    try await withGatewayProject(lines: ["envs: { RELEASE: { protect: confirm } }"]) { command, _ in
      let before = try await Self.published(command, in: "RELEASE")
      let refused = try await command("api", "offline", "pay-create", "--env", "RELEASE")
      #expect(refused.status == 6, "\(refused.messages)")
      #expect(try await Self.published(command, in: "RELEASE") == before)
      let agreed = try await command("api", "offline", "pay-create", "--env", "RELEASE", "--yes")
      #expect(agreed.status == 0, "\(agreed.messages)")
      #expect(try await Self.published(command, in: "RELEASE") == before.subtracting(["pay-create"]))
    }
  }

  @Test func whatFailedIsTriedAgainAlone() async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      let first = try await command(
        "api", "offline", "pay-create", "pay-webhook", "--env", "STAGING", "--output", "json")
      #expect(first.status == 3, "\(first.messages)")
      let document = try Document(json: first.output)
      #expect(document["summary"]?["failed"] == 1 && document["summary"]?["changed"] == 1)
      let run = try #require(document["run"]?.stringValue)
      let list = try await command("api", "list", "--only-failed-of", run, "--output", "csv")
      #expect(list.output.split(separator: "\n").count == 2 && list.output.contains("\npay-webhook,"))
      let rest = try await command(
        "api", "publish", "--group", "payments", "--env", "STAGING", "--only-failed-of", run)
      #expect(rest.output == "{\"published\":1,\"unchanged\":0}\n", "\(rest.messages)")
      #expect(try await Self.published(command, in: "STAGING") == ["pay-refund", "pay-status", "pay-webhook"])
      let named = try await command("api", "publish", "pay-refund", "--env", "TEST", "--only-failed-of", run)
      #expect(named.status == 64 && named.messages.contains("narrow a selection"))
    }
  }

  @Test(arguments: [
    (["api", "publish", "--env", "RELEASE"], "name APIs, or select some with"),
    (["api", "publish", "pay-create"], "the environment is missing"),
    (["api", "publish", "pay-create", "--group", "payments", "--env", "RELEASE"], "exclude each other"),
    (["api", "publish", "pay-create,pay-refund", "--env", "RELEASE"], "is the name of no API"),
    (["api", "offline", "pay-create", "--env", "RELEASE", "--out", "x.plan"], "--out goes with -n"),
    (["api", "offline", "pay-create", "--env", "RELEASE", "--if-changed"], "--if-changed"),
  ])
  func mistakesAreNamed(arguments: [String], message: String) async throws {
    try await withTemporaryFolder { folder in
      let result = try await Command(in: folder).run(arguments)
      #expect(result.status == 64 && result.messages.contains(message), "\(result)")
      #expect(result.output.isEmpty)
    }
  }
}
