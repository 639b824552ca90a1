import GatewayAPI
import GatewayScripting
import GatewayTransport
import LocalGateway
import LuaRuntime
import Testing

/// Probes of what a real local gateway serves.
@Suite(.timeLimit(.minutes(5))) struct HealthTests {
  private func with(
    _ faults: String..., body: @escaping @Sendable (ScriptHarness, VirtualClock) async throws -> Void
  ) async throws {
    try await ScriptHarness.withWeb(faults: faults, body)
  }

  private static let path = "/_call/payments/payments/methods"

  @Test func whatIsHealthySaysSoInNumbers() async throws {
    try await with { harness, clock in
      let value = try await harness(
        """
        local h = apig.health.http { url = "\(Self.path)", samples = 5, every = "2s", p95 = "30s" }
        assert(h.p50 > 0 and h.p50 <= h.p95 and h.p95 <= h.max and h.max < 30)
        return { h.samples, h.failures }
        """)
      #expect(value == [5, 0])
      #expect(clock.waits == Array(repeating: .seconds(2), count: 4))
      #expect(harness.output.lines.contains { $0.contains("5/5  p95 ") && $0.contains("isGood: true") })
    }
  }

  @Test func tooManyFailuresEndItAtOnce() async throws {
    try await with("probe /payments/methods: 502 from=3") { harness, clock in
      let value = try await harness(
        """
        local _, e = pcall(apig.health.http, { url = "\(harness.url)\(Self.path)", samples = 30, max_failures = 1 })
        return { e.kind, e.message, e.result.failures, e.result.samples, e.result.first_failure.status, e.where, e.hint }
        """)
      #expect(
        value == [
          "health_check",
          .string(
            "GET \(harness.url)\(Self.path): 2 of 4 probes failed (allowed 1 of 30, stopped there): 2 × HTTP 502"),
          2, 4, 502, "test.lua:1", "the first at 2026-11-18T11:06:42Z: HTTP 502",
        ])
      #expect(clock.waits.count == 3)
    }
  }

  @Test func someFailuresMayBeAllowed() async throws {
    try await with("probe /payments/methods: 502 from=3 times=2") { harness, _ in
      let value = try await harness(
        "return apig.health.http { url = '\(Self.path)', samples = 6, max_failures = 2 }.failures")
      #expect(value == 2)
    }
  }

  @Test func slownessIsAFailureOfItsOwn() async throws {
    try await with("probe /payments/methods: latency=50ms") { harness, _ in
      let value = try await harness(
        """
        local _, e = pcall(apig.health.http, { url = "\(Self.path)", samples = 3, p95 = "20ms" })
        return { e.kind, e.message:find("p95 of 3 probes is .* %(allowed 20ms%)") ~= nil }
        """)
      #expect(value == ["health_check", true])
    }
  }

  @Test(arguments: [
    ("expect = 404", "/nowhere", nil), ("expect = { 200, 404 }", "/nowhere", nil), ("", "/nowhere", "1 × HTTP 404"),
    ("expect = 404", path, "1 × HTTP 200"), ("body = '\"'", path, nil),
    ("body = 'no such text'", path, "without \"no such text\" in its body"),
  ])
  func whatIsGoodIsTheScriptsToSay(_ options: String, _ path: String, _ complaint: String?) async throws {
    try await with { harness, _ in
      let value = try await harness(
        """
        local good, e = pcall(apig.health.http, { url = "\(path)", samples = 1, \(options) })
        return good and "good" or e.message
        """)
      #expect(
        value.stringValue.map { complaint == nil ? $0 == "good" : $0.contains(complaint ?? "") } == true, "\(value)")
    }
  }

  @Test func whereNobodyAnswersIsNoHealth() async throws {
    try await with { harness, _ in
      var harness = harness
      harness.surroundings.permit = { _ in }
      let value = try await harness(
        """
        local _, e = pcall(apig.health.http, { url = "http://127.0.0.1:1/", samples = 2 })
        return { e.kind, e.message }
        """)
      #expect(
        value == [
          "health_check",
          "GET http://127.0.0.1:1/: 1 of 1 probes failed (allowed 0 of 2, stopped there): 1 × no answer",
        ])
    }
  }

  @Test(arguments: [
    ("{ url = '/', samples = 0 }", "'samples'"), ("{ url = '/', samples = 2, max_failures = 2 }", "it could not fail"),
    ("{ url = '/', expect = 'ok' }", "HTTP status"), ("{ url = '/', sample = 3 }", "did you mean 'samples'?"),
    ("{ samples = 3 }", "needs 'url'"),
  ])
  func mistakesAreNamed(_ options: String, _ message: String) async throws {
    try await with { harness, _ in
      let error = await #expect(throws: LuaError.self) { try await harness("apig.health.http \(options)") }
      let text = (error?.message ?? "") + (error?.value.tableValue?["hint"].stringValue ?? "")
      #expect(text.contains(message), "\(text)")
    }
  }

  @Test func aCheckOfTheScriptsOwnCountsAsOne() async throws {
    try await with { harness, _ in
      let value = try await harness(
        """
        assert(apig.health.check("queue", function() return 7 end) == 7)
        local function failure(f) return select(2, pcall(apig.health.check, "queue", f)) end
        local a, b = failure(function() return false, "1200 wait" end), failure(function() end)
        local c = failure(function() error { kind = "throttled", message = "slow" } end)
        return { a.kind, a.message, b.message, b.hint, c.kind }
        """)
      #expect(
        value == [
          "health_check", "health check 'queue' failed: 1200 wait", "health check 'queue' failed",
          "its function returned nil; true is good", "throttled",
        ])
    }
  }
}
