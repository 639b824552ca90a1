import GatewayAPI
import GatewayScripting
import LuaRuntime
import Testing

@Suite(.timeLimit(.minutes(5))) struct OutputTests {
  @Test func logsReportsAndPrintsGoWhereTheyBelong() async throws {
    try await ScriptHarness.with { script in
      try await script(
        """
        print("a", 1, nil)
        apig.log.info("%d APIs of %s", 3, "payments")
        apig.log.warn("100% sure", {})
        apig.report.table({ { api = { name = "x" }, n = 1 }, { n = 2.5 } }, { "api.name", "n" })
        apig.report.value { done = true }
        apig.report.markdown "# done"
        """)
      #expect(
        script.output.lines == [
          "a\t1\tnil\n", "info: 3 APIs of payments", "warn: 100% sure", "api.name|n\nx|1\n|2.5", "{\"done\":true}",
          "# done",
        ])
    }
  }

  @Test func jsonKeepsIntegersAndRefusesWhatItCannotSay() async throws {
    try await ScriptHarness.with { script in
      let value = try await script(
        """
        local t = apig.json.decode('{"a":[1,2.0,"x"],"b":null}')
        local bad = select(2, pcall(apig.json.encode, { 1, x = 2 }))
        local broken = select(2, pcall(apig.json.decode, "[1,"))
        return { math.type(t.a[1]), math.type(t.a[2]), t.b == nil, apig.json.encode(t), bad.message, broken.message }
        """)
      #expect(
        value == [
          "integer", "float", true, "{\"a\":[1,2.0,\"x\"]}",
          "'json.encode' cannot write value: a table that is both a list and an object",
          "'json.decode': unexpected end of input at byte 3",
        ])
    }
  }

  @Test func exitEndsTheScriptAndCannotBeCaught() async throws {
    try await ScriptHarness.with { script in
      let exit = await #expect(throws: ScriptExit.self) {
        try await script("pcall(apig.exit, 'differences', 'two differ') print('went on')")
      }
      #expect(exit?.code == .differences && exit?.text == "two differ")
      #expect(script.output.lines.isEmpty)
    }
  }

  @Test func runTellsTheFactsOfTheRun() async throws {
    try await ScriptHarness.with { script in
      let value = try await script("local r = apig.run return { r.id, r.user, r.gateway, r.mode, r.env == nil }")
      #expect(value == ["r-test", "tester", "local", "run", true])
    }
  }

  @Test func listsOfRecordsAreListsAsData() async throws {
    try await ScriptHarness.with { script in
      let value = try await script("return apig.envs {}")
      #expect(value.arrayValue?.compactMap { $0["name"]?.stringValue } == ["RELEASE", "STAGING", "TEST"])
    }
  }
}
