import GatewayAPI
import GatewayClient
import LocalGateway
import ReleaseEngine
import Testing

/// Releases on a gateway that throttles, fails and drops connections, before and after it did what it was asked.
@Suite(.timeLimit(.minutes(5))) struct FaultyGatewayTests {
  private static let seed = """
    groups:
    - { name: many, apis: [{ name: 'api-{1..200}' }] }
    """

  private static let faults =
    ["*: 429 times=3 body=limit:500,time:1second"]
    + ["publish", "batch", "offline", "switch_version"].flatMap { operation in
      [
        "\(operation): drop p=0.05 seed=1", "\(operation): drop after-apply p=0.05 seed=2",
        "\(operation): 500 p=0.1 seed=3", "\(operation): 502 after-apply p=0.1 seed=4",
      ]
    }

  private static func with(
    joins: Bool, _ body: @escaping @Sendable (ScriptHarness) async throws -> Void
  ) async throws {
    var generator = SystemRandomNumberGenerator()
    var run = ReleaseRun.Configuration()
    run.markedAs = RunID(seconds: 1_795_000_000, using: &generator)
    run.settleTime = .milliseconds(100)
    run.maximumTries = 20
    try await ScriptHarness.with(
      gateway: { configuration in
        configuration.seed = try Seed(yaml: seed, file: "seed.yaml", now: .now())
        configuration.faults = try faults.map { try FaultRule($0) }
      },
      client: { $0.joinsWrites = joins }, run: run, body)
  }

  private static func histories(_ harness: ScriptHarness) async throws -> [[APIVersion]] {
    var histories: [[APIVersion]] = []
    for api in try await harness.client.all(ListAPIs()).items {
      histories.append(try await harness.client.all(History(apiID: api.id ?? "", environmentID: nil)).items)
    }
    return histories
  }

  @Test(arguments: [true, false])
  func everyAPIGetsExactlyOneNewVersion(joined: Bool) async throws {
    try await Self.with(joins: joined) { harness in
      let done = try await harness(
        """
        local list = apig.apis { group = "many" }
        local done = apig.each(list, { concurrency = 50 }, function(api)
          return apig.publish { api = api, env = "RELEASE", remark = "storm" }.version_id
        end)
        return #done
        """)
      #expect(done == 200)
      let histories = try await Self.histories(harness)
      #expect(histories.count == 200)
      #expect(histories.allSatisfy { $0.count == 1 && $0[0].isEffective })
      let changes = await harness.run.changes
      #expect(changes.apis.count == 200 && changes.apis.allSatisfy { $0.state == .changed })
      #expect(harness.client.statistics.throttled == 3)
    }
  }

  @Test func aBatchOfAllGoesThroughAsOne() async throws {
    try await Self.with(joins: true) { harness in
      let counts = try await harness(
        """
        local counts = {}
        for i = 1, 3 do
          local result = apig.publish { group = "many", env = "RELEASE", on_failure = "return" }
          counts[i] = { #result.success, #result.failure }
        end
        return counts
        """)
      #expect(counts == [[200, 0], [200, 0], [200, 0]])
      #expect(try await Self.histories(harness).allSatisfy { $0.count == 3 })
    }
  }

  @Test func switchingAndTakingOfflineEndWhereTheyShould() async throws {
    try await Self.with(joins: false) { harness in
      _ = try await harness(
        """
        local list = apig.apis { group = "many" }
        local some = {}
        for i = 1, 40 do some[i] = list[i] end
        apig.each(some, { concurrency = 20 }, function(api)
          apig.publish { api = api, env = "RELEASE" }
          apig.publish { api = api, env = "RELEASE" }
          apig.switch_version { api = api, env = "RELEASE", version = -1 }
          if tonumber(api.name:match("%d+")) % 2 == 0 then apig.offline { api = api, env = "RELEASE" } end
        end)
        """)
      let published = try await Self.histories(harness).filter { !$0.isEmpty }
      #expect(published.count == 40)
      #expect(published.allSatisfy { $0.count == 2 && !$0[0].isEffective })
      let changes = await harness.run.changes
      let offline = changes.apis.filter { if case .none = $0.after { true } else { false } }
      #expect(published.filter { !$0[1].isEffective }.count == offline.count)
      #expect(changes.apis.allSatisfy { $0.state == .changed })
    }
  }
}
