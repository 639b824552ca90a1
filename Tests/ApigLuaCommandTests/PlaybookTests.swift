import Foundation
import GatewayAPI
import GatewayTestSupport
import Testing

/// The playbooks that come along, each on a gateway of its own.
@Suite(.timeLimit(.minutes(5))) struct PlaybookTests {
  private static func path(_ name: String) -> String {
    URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../scripts/playbooks/\(name).lua")
      .standardizedFileURL.path
  }

  /// What RELEASE runs: by name, the version's number.
  private static func running(_ command: Command, in environment: String = "RELEASE") async throws -> [String: String] {
    let result = try await command(
      "-e",
      """
      local out = {}
      for _, api in ipairs(apig.select { published_in = "\(environment)" }) do
        out[api.name] = apig.history { api = api, env = "\(environment)" }:effective().version_no
      end
      return apig.json.encode(out)
      """)
    let document = try Document(json: result.output)
    return (document.objectValue ?? [:]).compactMapValues(\.stringValue)
  }

  /// A project whose gateway is a local one in another process, so that probes have an address.
  private func withProject(
    faults: [String] = [], lines: [String] = [], _ body: @escaping @Sendable (Command, String) async throws -> Void
  ) async throws {
    try await withGatewayProject(
      options: faults.flatMap { ["--fault", $0] }, lines: lines,
      more: { "permissions:\n  allow: [\"http:\($0)\"]" }, body)
  }

  private static let probe = "/_call/payments/payments/methods"
  /// The same as fault rules name it: by the API's own path.
  private static let probedPath = "/payments/methods"

  @Test(arguments: ["release", "canary", "restore", "drift", "retire"])
  func eachTellsWhatItTakes(_ name: String) async throws {
    try await withTemporaryFolder { folder in
      let help = try await Command(in: folder)(Self.path(name), "--help")
      #expect(help.status == 0, "\(help.messages)")
      #expect(help.output.contains("--") && help.output.contains(name))
      let bare = try await Command(in: folder)(Self.path(name))
      #expect(bare.status == 64 && bare.messages.contains("missing parameter"))
    }
  }

  // MARK: - release

  @Test func aReleaseTakesOnlyWhatWasTried() async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      let before = try await Self.running(command)
      let arguments = [Self.path("release"), "--group", "payments", "--tried-in", "STAGING"]
      let refused = try await command.run(arguments)
      #expect(refused.status == 6, "\(refused.messages)")
      #expect(refused.messages.contains("3 of 3 APIs are not what STAGING runs, the first: pay-create"))
      #expect(try await Self.running(command) == before)

      #expect(try await command(Self.path("release"), "--group", "payments", "--env", "STAGING").status == 0)
      #expect(try await command.run(arguments).output == "{\"published\":3}\n")
    }
  }

  @Test func theProjectCanDemandThat() async throws {
    try await withProject(lines: ["envs: { RELEASE: { promote_from: STAGING } }"]) { command, _ in
      let refused = try await command(Self.path("release"), "--group", "payments")
      #expect(refused.status == 6, "\(refused.messages)")
      #expect(refused.messages.contains("not what STAGING runs"))
      #expect(try await command(Self.path("release"), "--group", "payments", "--env", "STAGING").status == 0)
      #expect(try await command(Self.path("release"), "--group", "payments").output == "{\"published\":3}\n")
    }
  }

  // MARK: - canary

  @Test func aCanaryGoesThroughItsWaves() async throws {
    try await withProject { command, url in
      let before = try await Self.running(command)
      let arguments = [
        Self.path("canary"), "--group", "payments", "--probe", url + Self.probe, "--samples", "2", "--every", "0",
        "--soak", "0", "--p95", "30s",
      ]
      let unasked = try await command.run(arguments)
      #expect(unasked.status == 6, "\(unasked.messages)")
      #expect(try await Self.running(command) == before)
      let released = try await command.run(["--yes"] + arguments)
      #expect(released.status == 0, "\(released.messages)")
      #expect(released.output == "{\"published\":3,\"waves\":3}\n")
      let again = try await command.run(["--yes"] + arguments)
      #expect(again.output == "{\"published\":0,\"waves\":0}\n")
    }
  }

  @Test func aSingleProbeMayNotFail() async throws {
    try await withProject { command, url in
      let before = try await Self.running(command)
      let arguments = [
        "--yes", Self.path("canary"), "--group", "payments", "--probe", url + Self.probe, "--samples", "1", "--every",
        "0", "--soak", "0", "--p95", "30s",
      ]
      let useless = try await command.run(arguments + ["--max-failures", "1"])
      #expect(useless.status == 1 && useless.messages.contains("no wave could ever fail"), "\(useless.messages)")
      #expect(try await Self.running(command) == before)
      #expect(try await command.run(arguments).output == "{\"published\":3,\"waves\":3}\n")
    }
  }

  /// Two probes before the release and two after the first wave are good.
  @Test func anIllCanaryPutsEverythingBack() async throws {
    try await withProject(faults: ["probe \(Self.probedPath): 502 from=5"]) { command, url in
      let before = try await Self.running(command)
      let result = try await command(
        "--yes", Self.path("canary"), "--group", "payments", "--probe", url + Self.probe, "--samples", "2",
        "--every", "0", "--soak", "0", "--p95", "30s", "--max-failures", "0")
      #expect(result.status == 4, "\(result.messages)")
      #expect(result.messages.contains("HTTP 502"))
      #expect(try await Self.running(command) == before)
    }
  }

  @Test func nobodyReleasesIntoAnIllnessThatIsThereAlready() async throws {
    try await withProject(faults: ["probe \(Self.probedPath): 502"]) { command, url in
      let before = try await Self.running(command)
      let result = try await command(
        "--yes", Self.path("canary"), "--group", "payments", "--probe", url + Self.probe, "--samples", "2",
        "--every", "0", "--max-failures", "0")
      #expect(result.status == 1, "\(result.messages)")
      #expect(try await Self.running(command) == before)
    }
  }

  // MARK: - restore

  @Test func aRestoreGoesBackToAMoment() async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      let before = try await Self.running(command)
      _ = try await command(Self.path("release"), "--group", "payments")
      _ = try await command("-e", "apig.switch_version { api = 'order-list', env = 'RELEASE', version = -1 }")
      let arguments = [Self.path("restore"), "--env", "RELEASE", "--at", "1 hour ago"]
      let careful = try await command.run(["--yes"] + arguments + ["--exact"])
      #expect(careful.status == 1, "\(careful.messages)")
      #expect(careful.messages.contains("2 of 2 versions are inferred from publish times; nothing was changed"))

      let restored = try await command.run(["--yes"] + arguments + ["--newer", "offline"])
      #expect(restored.status == 0, "\(restored.messages)")
      #expect(restored.output.hasSuffix("{\"inferred\":2,\"lost\":0,\"offline\":1,\"switched\":2}\n"))
      #expect(restored.output.contains("pay-create") && restored.output.contains("inferred"))
      #expect(try await Self.running(command) == before)
      let nothing = try await command.run(arguments)
      #expect(nothing.status == 0 && nothing.messages.contains("nothing to do"), "\(nothing.messages)")
    }
  }

  /// The gateway tells nothing of when: nothing that was retired comes back unasked.
  @Test func aRestoreTellsOfWhatIsOffline() async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      let before = try await Self.running(command)
      _ = try await command("-e", "apig.offline { api = 'order-list', env = 'RELEASE' }")
      let arguments = ["--yes", Self.path("restore"), "--env", "RELEASE", "--at", "1 hour ago", "--group", "orders"]
      let kept = try await command.run(arguments)
      #expect(kept.status == 0, "\(kept.messages)")
      #expect(kept.messages.contains("order-list is offline now and may have run"), "\(kept.messages)")
      #expect(kept.messages.contains("--gone publish brings it back"))
      #expect(try await Self.running(command)["order-list"] == nil)
      let restored = try await command.run(arguments + ["--gone", "publish"])
      #expect(restored.status == 0, "\(restored.messages)")
      #expect(restored.output.hasSuffix("{\"inferred\":1,\"lost\":0,\"offline\":0,\"switched\":1}\n"))
      #expect(try await Self.running(command) == before)
    }
  }

  // MARK: - drift

  @Test func aDriftReportChangesNothingAndCanFail() async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      let report = try await command(Self.path("drift"), "--group", "payments")
      #expect(report.status == 0, "\(report.messages)")
      #expect(
        report.output.contains("POST /payments/quote") && report.output.hasSuffix("{\"breaking\":0,\"changes\":4}\n"))
      let failing = try await command(
        Self.path("drift"), "--group", "payments", "--left", "RELEASE", "--right", "STAGING", "--fail", "--details")
      #expect(failing.status == 2)
      #expect(failing.output.contains("! operation removed") && failing.messages.contains("differ in 4 operations"))
      let same = try await command(Self.path("drift"), "--group", "payments", "--left", "RELEASE")
      #expect(same.status == 0 && same.output == "{\"breaking\":0,\"changes\":0}\n")
    }
  }

  // MARK: - retire

  /// The metrics are a mock of the gateway's own: they answer zero calls for whatever is asked.
  @Test func whatNobodyCallsIsTakenOffline() async throws {
    try await withProject { command, url in
      let metrics = url + "/_call/orders/orders"
      let setUp = try await command(
        "-e",
        """
        local draft = apig.api { api = "order-list" }
        local body = {}
        for _, name in ipairs { "name", "type", "version", "req_protocol", "req_method", "req_uri", "auth_type",
          "backend_type", "group_id", "match_mode" } do body[name] = draft[name] end
        body.mock_info = { result_content = '{"calls":0}', version = "V1" }
        apig.update_api { api = "order-list", definition = body }
        apig.publish { api = "order-list", env = "RELEASE" }
        """)
      #expect(setUp.status == 0, "\(setUp.messages)")
      let arguments = [
        Self.path("retire"), "--group", "payments", "--metrics", metrics, "--probe", metrics, "--samples", "1",
        "--every", "0",
      ]
      let wrong = try await command.run(arguments + ["--ticket", "later"])
      #expect(wrong.status == 64)
      let retired = try await command.run(["--yes"] + arguments + ["--ticket", "CHG-7"])
      #expect(retired.status == 0, "\(retired.messages)")
      #expect(retired.output == "{\"offline\":7,\"skipped\":0}\n")
      #expect(try await Self.running(command).keys.allSatisfy { $0.hasPrefix("order-") })
    }
  }

  @Test func whatIsCalledOrCannotBeCountedIsLeftAlone() async throws {
    try await withProject { command, url in
      let before = try await Self.running(command)
      let result = try await command(
        "--yes", Self.path("retire"), "--group", "payments", "--ticket", "CHG-7", "--metrics",
        url + "/_call/orders/orders", "--probe", url + Self.probe)
      #expect(result.status == 0, "\(result.messages)")
      #expect(result.output == "{\"offline\":0,\"skipped\":7}\n")
      #expect(result.messages.contains("pay-quote is left alone: metrics name no number of calls"))
      #expect(try await Self.running(command) == before)
    }
  }
}
