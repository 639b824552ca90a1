import Foundation
import GatewayTestSupport
import Testing

/// A run that is killed at any moment, and a process that goes on with it: nothing is lost, nothing done twice.
@Suite(.timeLimit(.minutes(30))) struct EveryCrashTests {
  /// Concurrent publications, a batch, a switch back, an offline, names that are looked up, clocks and chance.
  static let releasing = """
    local started = os.time()
    local apis = apig.select { group = "payments", changed_in = "RELEASE" }
    apig.each(apis, { concurrency = 3 }, function(api)
      apig.publish { api = api, env = "RELEASE", remark = "roll " .. math.random(6) }
    end)
    local both = apig.publish { apis = { "pay-status", "pay-quote" }, env = "STAGING" }
    apig.switch_version { api = "pay-create", env = "RELEASE", version = -1 }
    apig.offline { api = "pay-report", env = "RELEASE" }
    print(os.time() >= started, #both.success)
    return #apis
    """

  /// The inner failure is undone and caught, the outer one undone, too.
  static let failing = """
    local apis = apig.select { group = "payments", changed_in = "RELEASE" }
    return apig.with_rollback(function()
      apig.publish { apis = apis, env = "RELEASE" }
      local ok, problem = pcall(apig.with_rollback, function()
        apig.offline { api = "pay-status", env = "RELEASE" }
        apig.publish { api = apis[1], env = "RELEASE" }
        error { kind = "mine", message = "inner" }
      end)
      print(ok, problem.rolled_back)
      apig.switch_version { api = apis[1], env = "RELEASE", version = -1 }
      error("outer")
    end)
    """

  /// The playbooks that change something, as PlaybookTests runs them.
  static let playbooks: [String: CrashMatrix] = {
    func playbook(_ name: String, _ arguments: [String], setup: String? = nil) -> CrashMatrix {
      let path = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../../scripts/playbooks/\(name).lua").standardizedFileURL
      let script = (try? String(contentsOf: path, encoding: .utf8)) ?? ""
      return CrashMatrix(script: script, arguments: arguments, options: ["--yes"], setup: setup)
    }
    let probe = ["--probe", "/_call/payments/payments/methods", "--every", "0"]
    return [
      "release": playbook("release", ["--group", "payments"]),
      "canary": playbook("canary", ["--group", "payments", "--samples", "2", "--soak", "0", "--p95", "30s"] + probe),
      "restore": playbook(
        "restore", ["--env", "RELEASE", "--at", "1 hour ago", "--newer", "offline"],
        setup: "apig.publish { group = 'payments', env = 'RELEASE' }"),
      "retire": playbook(
        "retire",
        [
          "--group", "payments", "--ticket", "CHG-7", "--metrics", "/_call/orders/orders", "--probe",
          "/_call/orders/orders", "--samples", "1", "--every", "0",
        ],
        setup: quietMetrics),
    ]
  }()

  /// A mock of the gateway's own answers that nobody calls anything.
  private static let quietMetrics = """
    local draft = apig.api { api = "order-list" }
    local body = {}
    for _, name in ipairs { "name", "type", "version", "req_protocol", "req_method", "req_uri", "auth_type",
      "backend_type", "group_id", "match_mode" } do body[name] = draft[name] end
    body.mock_info = { result_content = '{"calls":0}', version = "V1" }
    apig.update_api { api = "order-list", definition = body }
    apig.publish { api = "order-list", env = "RELEASE" }
    """

  @Test(arguments: ["release", "canary", "restore", "retire"])
  func aPlaybookGoesOnAfterEveryEntry(_ name: String) async throws {
    try await #require(Self.playbooks[name]).run(from: 2)
  }

  /// The fifth changes nothing: there is nothing to go on with, and killing it leaves nothing behind.
  @Test func aReportLeavesNothingBehind() async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      let path = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../../scripts/playbooks/drift.lua").standardizedFileURL.path
      let report = try await command(path, "--group", "payments")
      #expect(report.status == 0)
      let unfinished = try await command("status")
      #expect(unfinished.status == 0 && !unfinished.output.contains("drift.lua"), "\(unfinished.output)")
    }
  }

  @Test func aReleaseGoesOnAfterEveryEntry() async throws {
    try await CrashMatrix(script: Self.releasing).run()
  }

  @Test func anUndoGoesOnAfterEveryEntry() async throws {
    try await CrashMatrix(script: Self.failing, status: 4).run(from: 2)
  }

  @Test(arguments: [HoldingRelay.Hold.request, .answer], [releasing, failing])
  func aRunGoesOnAfterItDiedWaitingForAnAnswer(_ hold: HoldingRelay.Hold, _ script: String) async throws {
    try await CrashMatrix(script: script, status: script == Self.failing ? 4 : 0).run(holding: hold, least: 5)
  }

  @Test(arguments: [HoldingRelay.Hold.request, .answer], ["release", "canary", "restore", "retire"])
  func aPlaybookGoesOnAfterItDiedWaitingForAnAnswer(_ hold: HoldingRelay.Hold, _ name: String) async throws {
    try await #require(Self.playbooks[name]).run(holding: hold, least: 1)
  }
}
