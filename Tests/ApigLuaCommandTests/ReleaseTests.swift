import Foundation
import GatewayAPI
import GatewayTestSupport
import Testing

/// The main job, as a new user meets it: the playbook of the README on the local gateway.
@Suite struct ReleaseTests {
  static let playbook = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../scripts/playbooks/release.lua").standardizedFileURL.path

  @Test func publishesWhatChangedAndThenHasNothingToDo() async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      let first = try await command(Self.playbook, "--group", "payments")
      #expect(first.status == 0)
      #expect(first.output == "{\"published\":3}\n")
      #expect(first.messages.contains("✔ 3 published to RELEASE"))
      for name in ["pay-create", "pay-refund", "pay-webhook"] { #expect(first.messages.contains(name)) }
      #expect(first.messages.contains("was") && first.messages.contains("now"))

      let second = try await command(Self.playbook, "--group", "payments")
      #expect(second.status == 0)
      #expect(second.output == "{\"published\":0}\n")
      #expect(second.messages == "nothing to do: RELEASE runs the current definition of every API of payments\n")
    }
  }

  @Test func theReportNamesTheVersionsThatTheHistoryHas() async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      let history = "return apig.history { api = 'pay-create', env = 'RELEASE' }:effective().version_no"
      let before = try await command("-e", history).output.dropLast()
      let run = try await command(
        "--output", "json", "-e", "return apig.publish { api = 'pay-create', env = 'RELEASE' }.version_id")
      let after = try await command("-e", history).output.dropLast()
      let document = try Document(json: run.output)
      let change = try #require(document["apis"]?.arrayValue?.first)
      #expect(change["name"] == "pay-create")
      #expect(change["before"]?["version_no"]?.stringValue == String(before))
      #expect(change["after"]?["version_no"]?.stringValue == String(after))
      #expect(change["after"]?["version_id"] == document["value"])
      #expect(before != after)
    }
  }

  @Test func twoReleasesAtOnceShareOneDataFile() async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      let results = try await withThrowingTaskGroup(of: Command.Result.self) { group in
        for name in ["pay-status", "pay-quote", "pay-report", "pay-cancel"] {
          // Each waits until the one before it has given back the environment.
          group.addTask {
            try await command("--lock-timeout", "60s", "-e", "apig.publish { api = '\(name)', env = 'STAGING' }")
          }
        }
        return try await group.reduce(into: []) { $0.append($1) }
      }
      #expect(results.allSatisfy { $0.status == 0 }, "\(results.map(\.messages))")
      let published = try await command("-e", "return #apig.apis { env = 'STAGING', group = 'payments' }")
      #expect(published.output == "6\n")
    }
  }

  @Test func resetBringsTheDemoProjectBack() async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      _ = try await command(Self.playbook, "--group", "payments")
      let reset = try await command("local", "reset")
      #expect(reset.status == 0 && reset.output.isEmpty)
      #expect(try await command(Self.playbook, "--group", "payments").output == "{\"published\":3}\n")
    }
  }
}
