import GatewayAPI
import GatewayScripting
import LuaRuntime
import ReleaseEngine
import RunJournal
import Testing

@Suite(.timeLimit(.minutes(5))) struct ProgressTests {
  @Test func aStepReturnsWhatItsFunctionReturns() async throws {
    try await ScriptHarness.with { harness in
      let value = try await harness("return { select('#', apig.step('move', function() return 1, nil, 3 end)) }")
      #expect(value == [3])
      #expect(
        harness.output.lines == ["stepBegan(name: \"move\")", "stepEnded(name: \"move\", isGood: true)"])
    }
  }

  @Test func anErrorPassesThroughAStep() async throws {
    try await ScriptHarness.with { harness in
      let value = try await harness(
        """
        local _, e = pcall(apig.step, "outer", function()
          apig.step("inner", function() apig.publish { api = "nothing", env = "RELEASE" } end)
        end)
        return { e.kind, e.where }
        """)
      #expect(value == ["not_found", "test.lua:2"])
      #expect(harness.output.lines.filter { $0.contains("isGood: false") }.count == 2)
    }
  }

  @Test func namesAreUniqueAndComeAgainInAReplay() async throws {
    try await ScriptHarness.with { harness in
      let areUnique = try await harness("local a, b = apig.id(), apig.id() return a ~= b and #a == 32")
      #expect(areUnique == true)
      var replayed = harness
      replayed.recorder = RunRecorder(replaying: [
        JournalEntry(sequence: 1, kind: .answer, time: VirtualClock.start, operation: "id", body: ["answer": "abc"])
      ])
      let names = try await replayed("return { apig.id(), #apig.id() }")
      #expect(names == ["abc", 32])
    }
  }

  @Test func theRunKnowsItsParametersAndEnvironment() async throws {
    try await ScriptHarness.with { harness in
      let value = try await harness(
        """
        assert(apig.run.params == nil)
        apig.params { group = { type = "string", required = true }, n = { type = "integer", default = 3 } }
        assert(not pcall(function() apig.run.params.n = 4 end) and not pcall(function() apig.run.env = "x" end))
        return { apig.run.env, apig.run.params.group, apig.run.params.n }
        """, arguments: ["--group", "payments"], environment: "STAGING")
      #expect(value == ["STAGING", "payments", 3])
    }
  }

  @Test func sortedGoesByKey() async throws {
    try await ScriptHarness.with { harness in
      let value = try await harness(
        """
        local keys = {}
        for key, value in apig.sorted { b = 1, a = 2, [10] = 3, [2] = 4, c = 5 } do
          keys[#keys + 1] = key .. "=" .. value
        end
        return table.concat(keys, " ")
        """)
      #expect(value == "2=4 10=3 a=2 b=1 c=5")
      let error = await #expect(throws: LuaError.self) { try await harness("apig.sorted { [true] = 1 }") }
      #expect(error?.message.contains("cannot order a boolean") == true)
    }
  }

  @Test func theClockAndChanceAreTheRunsOwn() async throws {
    try await ScriptHarness.with { harness in
      let clock = VirtualClock()
      let harness = harness.going(by: clock)
      let value = try await harness("return { os.time(), os.date('!%FT%TZ', os.time()) }")
      #expect(value == [1_795_000_000, "2026-11-18T11:06:40Z"])
      let recorder = RunRecorder(replaying: [
        JournalEntry(
          sequence: 1, kind: .answer, time: VirtualClock.start, operation: "os.time", body: ["shows": .number(5)]),
        JournalEntry(sequence: 2, kind: .answer, time: VirtualClock.start, operation: "id", body: ["answer": "abc"]),
      ]) { clock.now }
      var replayed = harness
      replayed.recorder = recorder
      let times = try await replayed("local t = os.time() apig.id() return { t, os.time() }")
      #expect(times == [5, 1_795_000_000])
    }
  }

  @Test func aDescriptionEndsBeforeAnythingIsDone() async throws {
    try await ScriptHarness.with { harness in
      for call in [
        "wait { time = '1h' }", "confirm { text = 'x' }", "health.http { url = 'http://x/' }",
        "http.post { url = 'http://x/' }", "wait_until({ timeout = 1 }, print)",
      ] {
        let description = try await ScriptRunner().describe(
          LuaChunk(name: "test.lua", source: Array("apig.playbook { name = 'p' } apig.\(call)".utf8)),
          in: harness.context(mode: .describe))
        #expect(description.name == "p")
      }
      #expect(harness.output.lines.isEmpty)
    }
  }
}
