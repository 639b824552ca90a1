import GatewayAPI
import GatewayScripting
import LuaRuntime
import ReleaseEngine
import RunJournal
import Testing

@Suite(.timeLimit(.minutes(5))) struct WaitTests {
  private let clock = VirtualClock()

  private func with(_ body: @escaping @Sendable (ScriptHarness) async throws -> Void) async throws {
    let clock = clock
    try await ScriptHarness.with { try await body($0.going(by: clock)) }
  }

  @Test func aWaitTakesItsTime() async throws {
    try await with { harness in
      try await harness("apig.wait { time = '90s', reason = 'soak' } apig.wait { time = 1.5 }")
      #expect(clock.waits == [.seconds(90), .milliseconds(1500)])
      #expect(harness.output.lines.first?.contains("soak") == true)
    }
  }

  @Test(arguments: [
    ("apig.wait {}", "'wait' needs 'time'"), ("apig.wait { time = 'long' }", "duration expected"),
    ("apig.wait { time = -1 }", "it is negative"), ("apig.wait { time = '-5s' }", "it is negative"),
    ("apig.wait { tme = 1 }", "unknown option 'tme' to 'wait'"),
    ("apig.wait { 5 }", "takes options by name"), ("apig.wait '5s'", "table expected"),
    ("apig.wait { reason = 5, time = 1 }", "string expected"),
    ("apig.wait_until({}, print)", "'wait_until' needs 'timeout'"),
    ("apig.wait_until({ timeout = 1, every = 0 }, print)", "at least 10ms"),
    ("apig.wait_until({ timeout = 0 }, print)", "more than 0 expected"),
    ("apig.each({ 1 }, { on_failure = 'foo' }, print)", "bad option 'on_failure' to 'each'"),
    ("apig.parallel { print, 1 }", "item 2 of 'parallel' is no function (got number)"),
    ("apig.effective { apis = {}, foo = 1 }", "unknown option 'foo' to 'effective'"),
    ("apig.wait_until(print)", "bad argument #1 to 'wait_until'"),
  ])
  func mistakesAreNamedAtTheCallersLine(_ call: String, _ message: String) async throws {
    try await with { harness in
      let error = await #expect(throws: LuaError.self) { try await harness("\n" + call) }
      #expect(error?.message.contains(message) == true, "\(String(describing: error))")
      #expect(error?.location?.description == "test.lua:2")
      #expect(clock.waits.isEmpty)
    }
  }

  @Test func propagationIsCountedFromTheLastChange() async throws {
    try await with { harness in
      try await harness("apig.wait { reason = 'propagation' }")
      #expect(clock.waits.isEmpty)
      _ = try await harness.recorder.carryOut(RecordedCall("publish")) { _ in .null }
      clock.advance(by: .seconds(4))
      try await harness("apig.wait { reason = 'propagation' } apig.wait { reason = 'propagation' }")
      #expect(clock.waits == [.seconds(6)])
    }
  }

  @Test func aGatewaysOwnPropagationHolds() async throws {
    try await with { harness in
      var harness = harness
      harness.surroundings.propagation = { .zero }
      _ = try await harness.recorder.carryOut(RecordedCall("offline")) { _ in .null }
      try await harness("apig.wait { reason = 'propagation' }")
      #expect(clock.waits.isEmpty)
    }
  }

  @Test func aConditionIsAskedForUntilItHolds() async throws {
    try await with { harness in
      let result = try await harness(
        """
        local asked = 0
        return { apig.wait_until({ timeout = "1m", every = "10s" }, function()
          asked = asked + 1
          return asked == 4 and "there", asked
        end) }
        """)
      #expect(result == ["there", 4])
      #expect(clock.waits == [.seconds(10), .seconds(10), .seconds(10)])
    }
  }

  @Test func aConditionThatNeverHoldsIsATimeout() async throws {
    try await with { harness in
      let error = try await harness(
        """
        local _, e = pcall(apig.wait_until, { timeout = 25, every = 10 }, function() return false end)
        return { e.kind, e.message }
        """)
      #expect(error == ["timeout", "'wait_until' waited 25s in vain"])
      #expect(clock.waits == [.seconds(10), .seconds(10), .seconds(5)])
    }
  }

  @Test func aResumedRunWaitsOnlyTheRest() async throws {
    try await with { harness in
      let entry = Self.begun(60, at: VirtualClock.start)
      clock.advance(by: .seconds(45))
      let resumed = harness.going(by: clock, replaying: [entry])
      try await resumed("apig.wait { time = '1m', reason = 'soak' }")
      #expect(clock.waits == [.seconds(15)])
    }
  }

  @Test func aClockThatWentBackDoesNotMakeAWaitLonger() async throws {
    try await with { harness in
      let later = Timestamp(seconds: VirtualClock.start.seconds + 3600)
      let entry = Self.begun(60, at: later)
      try await harness.going(by: clock, replaying: [entry])("apig.wait { time = 60, reason = 'soak' }")
      #expect(clock.waits == [.seconds(60)])
    }
  }

  @Test func aWaitEndsWithItsTask() async throws {
    try await ScriptHarness.with { harness in
      let script = Task { try await harness("apig.wait { time = '1h' }") }
      while !harness.output.lines.contains(where: { $0.contains("waitBegan") }) {
        try await Task.sleep(for: .milliseconds(5))
      }
      script.cancel()
      await #expect(throws: (any Error).self) { try await script.value }
    }
  }

  /// What the journal has of a wait that began and did not end.
  private static func begun(_ seconds: Double, at time: Timestamp) -> JournalEntry {
    let call = RecordedCall("wait", ["time": .number(seconds), "reason": "soak"])
    return JournalEntry(sequence: 1, kind: .intent, time: time, operation: call.operation, digest: call.digest)
  }
}
