import AsyncHTTPClient
import Foundation
import GatewayAPI
import LocalGateway
import Synchronization
import Testing

/// Injected faults over real connections: what the client gets, and what the gateway has done.
@Suite(.timeLimit(.minutes(5))) struct FaultInjectionTests {
  private static let base = LocalGatewayHarness.base

  private static func with<Value: Sendable>(
    _ rules: String..., body: @escaping @Sendable (LocalGatewayHarness) async throws -> Value
  ) async throws -> Value {
    let faults = try rules.map(FaultRule.init(_:))
    return try await LocalGatewayHarness.with({ $0.faults = faults }, body)
  }

  @Test func aThrottledRequestChangesNothingAndTheNextPasses() async throws {
    try await Self.with("publish: 429 retry-after=2 times=2") { gateway in
      let api = try await gateway.apiID("pay-webhook")
      for _ in 0..<2 {
        let answer = try await gateway.publish(api)
        #expect(answer.status == 429 && answer.code == "APIG.0308" && answer.header("Retry-After") == "2")
        #expect(answer.header("X-Request-Id")?.count == 32)
      }
      #expect(try await gateway.versionCount(api) == 0)
      #expect(try await gateway.publish(api).status == 201)
      #expect(try await gateway.versionCount(api) == 1)
    }
  }

  @Test func afterApplyTheChangeIsThere() async throws {
    try await Self.with("publish: 500 after-apply times=1") { gateway in
      let api = try await gateway.apiID("pay-webhook")
      let answer = try await gateway.publish(api)
      #expect(answer.status == 500 && answer.code == "APIG.9999")
      #expect(try await gateway.versionCount(api) == 1)
    }
  }

  @Test func afterApplyARefusedRequestIsStillRefused() async throws {
    try await Self.with("publish: 500 after-apply times=1") { gateway in
      #expect(try await gateway.publish(String(repeating: "0", count: 32)).status == 404)
      let api = try await gateway.apiID("pay-webhook")
      #expect(try await gateway.publish(api).status == 500)
    }
  }

  @Test(arguments: [("publish: drop times=1", 0), ("publish: drop after-apply times=1", 1)])
  func aDroppedConnectionEndsWithoutAnAnswer(_ rule: String, _ versions: Int) async throws {
    try await Self.with(rule) { gateway in
      let api = try await gateway.apiID("pay-webhook")
      let error = await #expect(throws: (any Error).self) { try await gateway.publish(api) }
      #expect(error as? HTTPClientError == .remoteConnectionClosed, "\(String(describing: error))")
      #expect(try await gateway.versionCount(api) == versions)
      let entry = try await gateway.requests("operation=publish").first
      #expect(entry?["status"] == .null && entry?["fault"]?.stringValue == rule)
    }
  }

  @Test func aCutAnswerPromisesMoreThanItSends() async throws {
    try await Self.with("export: cut=100 times=1") { gateway in
      let groups = try await gateway.send("GET", Self.base + "/api-groups?name=payments")
      let group = groups.document["groups"]?.arrayValue?.first?["id"]?.stringValue ?? ""
      let body = "{\"group_id\":\"\(group)\",\"env_id\":\"\(GatewayEnvironment.releaseID)\"}"
      await #expect(throws: (any Error).self) {
        try await gateway.send("POST", Self.base + "/openapi/export", body)
      }
      #expect(try await gateway.send("POST", Self.base + "/openapi/export", body).status == 200)
    }
  }

  @Test func latencyIsAtLeastWhatWasAsked() async throws {
    try await Self.with("envs: latency=30ms", "*: 503 from=1000") { gateway in
      #expect(try await gateway.send("GET", Self.base + "/envs").status == 200)
      let entry = try #require(try await gateway.requests("operation=envs").first)
      #expect((entry["microseconds"]?.integerValue ?? 0) >= 30_000, "\(entry.jsonText)")
    }
  }

  @Test(
    arguments: [
      ("*: 502", 502, "text/html", nil), ("*: 503 code=APIG.9999", 503, "application/json; charset=utf-8", "APIG.9999"),
      ("*: 500", 500, "application/json; charset=utf-8", "APIG.9999"), ("*: 500 html", 500, "text/html", nil),
      ("*: 500 body=\"out of order\"", 500, "text/plain; charset=utf-8", nil),
      ("*: token-expired", 401, "application/json; charset=utf-8", "APIG.1001"),
      ("*: 403", 403, "application/json; charset=utf-8", "APIG.1005"),
      ("*: 400", 400, "application/json; charset=utf-8", "APIG.2011"),
      ("*: 404", 404, "application/json; charset=utf-8", "APIG.3002"),
      ("*: 409", 409, "application/json; charset=utf-8", "APIG.3718"),
      ("*: 422", 422, "application/json; charset=utf-8", "APIG.2000"),
      ("*: 404 code=APIG.3022", 404, "application/json; charset=utf-8", "APIG.3022"),
      ("*: 400 code=APIG.7777", 400, "application/json; charset=utf-8", "APIG.7777"),
    ] as [(String, Int, String, String?)])
  func anErrorHasTheFormThatWasAsked(_ rule: String, _ status: Int, _ type: String, _ code: String?) async throws {
    try await Self.with(rule) { gateway in
      let answer = try await gateway.send("GET", Self.base + "/envs")
      #expect(answer.status == status && answer.header("Content-Type") == type && answer.code == code)
      #expect(!answer.body.isEmpty)
      // Only the gateway's own trouble is called so.
      let text = String(decoding: answer.body, as: UTF8.self)
      #expect(text.contains("System error") == (code == "APIG.9999"), "\(text)")
    }
  }

  @Test func aRuleForOneAPILeavesTheOthersAlone() async throws {
    try await Self.with("publish: 503 api=pay-create", "batch: 503 api=pay-create") { gateway in
      let (one, other) = (try await gateway.apiID("pay-create"), try await gateway.apiID("pay-quote"))
      #expect(try await gateway.publish(one).status == 503)
      #expect(try await gateway.publish(other).status == 201)
      func batch(_ apis: String) async throws -> Int {
        try await gateway.send(
          "POST", Self.base + "/apis/publish?action=online",
          "{\"apis\":[\(apis)],\"env_id\":\"\(GatewayEnvironment.releaseID)\"}"
        ).status
      }
      #expect(try await batch("\"\(other)\",\"\(one)\"") == 503)
      #expect(try await batch("\"\(other)\"") == 200)
    }
  }

  @Test func theFirstRuleThatFiresDecidesInEachStage() async throws {
    try await Self.with("publish: 503 times=1 code=APIG.9999", "*: 429", "publish: latency=1ms") { gateway in
      let first = try await gateway.publish("x")
      #expect(first.status == 503)
      #expect(try await gateway.publish("x").status == 429)
      let counts = try await gateway.send("GET", "/_local/faults").document["faults"]?.arrayValue ?? []
      #expect(counts.map { $0["matched"]?.integerValue } == [2, 1, 2])
      #expect(counts.map { $0["fired"]?.integerValue } == [1, 1, 2])
    }
  }

  @Test func aLimitIsToldInTheText() async throws {
    try await Self.with("rate 2/h retry-after") { gateway in
      let statuses = [
        try await gateway.send("GET", Self.base + "/envs").status,
        try await gateway.send("GET", Self.base + "/apis").status,
      ]
      #expect(statuses == [200, 200])
      let answer = try await gateway.send("GET", Self.base + "/envs")
      #expect(answer.status == 429 && answer.code == "APIG.0308")
      #expect(
        answer.document["error_msg"]
          == "The throttling threshold has been reached: policy user over ratelimit,limit:2,time:1 hour")
      #expect((1...1800).contains(Int(answer.header("Retry-After") ?? "") ?? 0))
    }
  }

  @Test func aStaleReadShowsThePastUntilItIsOld() async throws {
    try await Self.with("history: stale=1h times=1", "api: stale=1h") { gateway in
      let api = try await gateway.apiID("pay-webhook")
      #expect(try await gateway.publish(api).status == 201)
      #expect(try await gateway.versionCount(api) == 0)
      // The rule has fired its only time.
      #expect(try await gateway.versionCount(api) == 1)
    }
  }

  @Test func theIdentityServiceFailsByItsNameAndInItsForm() async throws {
    try await Self.with("token: 500 times=1") { gateway in
      let body =
        "{\"auth\":{\"identity\":{\"methods\":[\"password\"],\"password\":{\"user\":{\"id\":\"local\",\"password\":\"local\"}}}}}"
      let failed = try await gateway.send("POST", "/v3/auth/tokens", body, headers: [])
      #expect(failed.status == 500 && failed.document["error"]?["code"] == 500)
      #expect(try await gateway.send("POST", "/v3/auth/tokens", body, headers: []).status == 201)
    }
  }

  @Test func callsOfAPIsFailByTheirPath() async throws {
    try await Self.with("probe /payments/methods: 502 from=2") { gateway in
      #expect(try await gateway.send("GET", "/_call/payments/payments/methods").status == 200)
      let answer = try await gateway.send("GET", "/_call/payments/payments/methods")
      #expect(answer.status == 502 && answer.code == "APIG.0202")
      #expect(try await gateway.send("GET", "/_call/payments/payments/report").status == 200)
    }
  }

  @Test func manyFaultsAtOnceLeaveLogStateAndCountersInAgreement() async throws {
    try await Self.with(
      "publish: 500 p=0.2", "publish: 500 after-apply p=0.2 seed=2", "publish: drop p=0.1 seed=3",
      "publish: drop after-apply p=0.1 seed=4", "publish: 429 p=0.1 seed=5"
    ) { gateway in
      let names = ["pay-create", "pay-refund", "pay-webhook", "pay-status", "pay-cancel", "pay-methods", "pay-quote"]
      var before: [String: Int] = [:]
      for name in names {
        let api = try await gateway.apiID(name)
        before[api] = try await gateway.versionCount(api)
      }
      let outcomes = await withTaskGroup(of: Int?.self) { group in
        for api in before.keys {
          for _ in 0..<5 { group.addTask { try? await gateway.publish(api).status } }
        }
        return await group.reduce(into: [Int?: Int]()) { $0[$1, default: 0] += 1 }
      }
      let log = try await gateway.requests("operation=publish&limit=1000")
      #expect(log.count == 35)
      for (api, count) in before {
        let applied = log.filter { $0["changed_apis"] == [.string(api)] }.count
        #expect(try await gateway.versionCount(api) == count + applied)
      }
      // What the clients saw is what the log says, drops included.
      #expect(outcomes == log.reduce(into: [:]) { $0[$1["status"]?.integerValue, default: 0] += 1 })
      let rules = try await gateway.send("GET", "/_local/faults").document["faults"]?.arrayValue ?? []
      for rule in rules {
        let seen = log.filter { $0["fault"] == rule["rule"] }.count
        #expect(rule["fired"]?.integerValue == seen)
      }
    }
  }

  @Test func strangersGet401WhateverTheRules() async throws {
    try await Self.with("*: 503") { gateway in
      let answer = try await gateway.send("GET", Self.base + "/envs", headers: [])
      #expect(answer.status == 401)
    }
  }

  @Test func rulesComeAndGoWhileItRuns() async throws {
    try await LocalGatewayHarness.with { gateway in
      #expect(try await gateway.send("GET", Self.base + "/envs").status == 200)
      let added = try await gateway.send("POST", "/_local/faults", "{\"rules\":[\"*: 503\",\"rate 9/s\"]}", headers: [])
      #expect(added.status == 201 && added.document["faults"]?.arrayValue?.count == 2)
      #expect(try await gateway.send("GET", Self.base + "/envs").status == 503)
      #expect(try await gateway.send("DELETE", "/_local/faults", headers: []).status == 204)
      #expect(try await gateway.send("GET", Self.base + "/envs").status == 200)
      for (body, message) in [
        ("{\"rule\":\"*: 5x3\"}", "5x3"), ("{}", "rule"), ("{\"rules\":[7]}", "rule"), ("{\"rules\":[]}", "empty"),
      ] {
        let refused = try await gateway.send("POST", "/_local/faults", body, headers: [])
        #expect(refused.status == 400 && refused.document["error"]?.stringValue?.contains(message) == true)
      }
    }
  }

  @Test func gatewaysOnOneFileShareRulesAndCounters() async throws {
    try await LocalGatewayHarness.withFile { configuration in
      try await withLocalGateway(configuration) { first in
        try await withLocalGateway(configuration) { second in
          let (one, two) = (LocalGatewayHarness(url: first), LocalGatewayHarness(url: second))
          #expect(try await two.send("GET", Self.base + "/envs").status == 200)
          _ = try await one.send("POST", "/_local/faults", "{\"rule\":\"*: 503 times=2\"}")
          #expect(try await two.send("GET", Self.base + "/envs").status == 503)
          #expect(try await one.send("GET", Self.base + "/envs").status == 503)
          #expect(try await two.send("GET", Self.base + "/envs").status == 200)
        }
      }
      // And they are there for those that come later.
      let later = try await withLocalGateway(configuration) { url in
        try await LocalGatewayHarness(url: url).send("GET", "/_local/faults").document
      }
      #expect(later["faults"]?.arrayValue?.map { $0["fired"]?.integerValue } == [2])
    }
  }

  @Test func aLimitThatAnotherGatewayClearedHoldsNoLonger() async throws {
    try await LocalGatewayHarness.withFile { configuration in
      try await withLocalGateway(configuration) { first in
        try await withLocalGateway(configuration) { second in
          let (one, two) = (LocalGatewayHarness(url: first), LocalGatewayHarness(url: second))
          _ = try await one.send("POST", "/_local/faults", "{\"rule\":\"rate 1/h\"}")
          #expect(try await two.send("GET", Self.base + "/envs").status == 200)
          #expect(try await two.send("GET", Self.base + "/envs").status == 429)
          #expect(try await one.send("DELETE", "/_local/faults").status == 204)
          #expect(try await two.send("GET", Self.base + "/envs").status == 200)
          let noted = try await two.requests("operation=envs").map { $0["fault"] }
          #expect(noted == [nil, "rate 1/h", nil])
        }
      }
    }
  }

  @Test func rulesOfAGatewayThatRunsForLongStay() async throws {
    let clock = DayClock()
    let fault = try FaultRule("envs: 503")
    try await LocalGatewayHarness.with({
      $0.faults = [fault]
      $0.now = { clock.now }
    }) { gateway in
      // Each addition forgets what gateways left that were killed long ago.
      for _ in 1...2 {
        clock.advance(days: 8)
        let added = try await gateway.send("POST", "/_local/faults", "{\"rule\":\"apis: 503\"}")
        #expect(added.status == 201)
        #expect(try await gateway.send("GET", Self.base + "/envs").status == 503)
        #expect(try await gateway.send("GET", Self.base + "/apis").status == 503)
      }
    }
  }

  @Test func rulesOfOneGatewayEndWithIt() async throws {
    try await LocalGatewayHarness.withFile { configuration in
      var changed = configuration
      changed.faults = [try FaultRule("*: 503")]
      let failing = changed
      try await withLocalGateway(configuration) { plainURL in
        try await withLocalGateway(failing) { url in
          let failed = try await LocalGatewayHarness(url: url).send("GET", Self.base + "/envs")
          #expect(failed.status == 503)
          #expect(try await LocalGatewayHarness(url: plainURL).send("GET", Self.base + "/envs").status == 200)
        }
      }
      let left = try await withLocalGateway(configuration) { url in
        try await LocalGatewayHarness(url: url).send("GET", "/_local/state").document["faults"]
      }
      #expect(left == [])
    }
  }
}

/// A clock that a test moves.
private final class DayClock: Sendable {
  private let days = Mutex<Int64>(0)

  var now: Timestamp { Timestamp(seconds: 1_900_000_000 + days.withLock(\.self) * 86_400) }

  func advance(days count: Int64) { days.withLock { $0 += count } }
}
