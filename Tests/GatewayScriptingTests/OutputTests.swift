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

  @Test func yamlIsReadAndWrittenAsItsVersion12HasIt() async throws {
    try await ScriptHarness.with { script in
      let value = try await script(
        """
        local t = apig.yaml.decode [[
        count: 3
        rate: 2.5
        quoted: "3"
        on: yes
        time: 12:30
        none: ~
        list: [true, False, 0x10, '']
        base: &base { a: 1 }
        copy: *base
        ]]
        local back = apig.yaml.decode(apig.yaml.encode { text = "yes", n = 1, list = { "a", "3" }, deep = { x = 0.5 } })
        return {
          math.type(t.count), t.rate, t.quoted, t.on, t.time, t.none == nil, t.list, t.copy.a, back,
          apig.yaml.encode { b = "x", a = { 1, 2 } } }
        """)
      #expect(
        value == [
          "integer", .number(2.5), "3", "yes", "12:30", true, [true, false, 16, ""], 1,
          ["text": "yes", "n": 1, "list": ["a", "3"], "deep": ["x": .number(0.5)]], "a:\n- 1\n- 2\nb: x\n",
        ])
    }
  }

  @Test(arguments: [
    ("apig.yaml.decode 'a: [1'", "in line "), ("apig.yaml.decode 'a: 1\\nb: 2\\na: 3'", "the key a is there twice"),
    ("apig.yaml.decode '? [a]\\n: 1'", "a key must be text"),
    ("apig.yaml.decode 'a: 1\\n--- 2'", "another document in line 2"),
    ("apig.yaml.decode(('['):rep(100000))", "nesting level"),
    ("apig.yaml.decode(('- '):rep(100000))", "nested deeper than 128"),
    ("apig.yaml.decode(bomb)", "its aliases unfolded, too large"), ("apig.yaml.decode '\\xff'", "reads UTF-8 text"),
    ("apig.yaml.decode(('#'):rep(4 * 1024 * 1024 + 1))", "of at most 4 MiB"),
    ("apig.yaml.decode(1)", "string expected, got number"),
    ("apig.yaml.encode { 1, x = 2 }", "'yaml.encode' cannot write"),
  ])
  func yamlThatIsNoneOrTooMuchIsRefused(_ call: String, _ message: String) async throws {
    try await ScriptHarness.with { script in
      let error = await #expect(throws: LuaError.self) {
        try await script(
          """
          local bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\\n"
          for i = 1, 9 do
            bomb = bomb .. ("a%d: &a%d [%s]\\n"):format(i, i, ("*a%d, "):format(i - 1):rep(10))
          end
          \(call)
          """)
      }
      #expect(error?.message.contains(message) == true, "\(String(describing: error))")
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
