import GatewayAPI
import GatewayScripting
import LuaRuntime
import Testing

@Suite(.timeLimit(.minutes(5))) struct ParameterTests {
  private static let declaration = """
    local p = apig.params {
      group = { type = "group", required = true, help = "what to release" },
      env = { type = "env", default = "RELEASE" },
      count = { type = "integer", min = 1, max = 9, default = 3 },
      share = { type = "number" }, fast = { type = "boolean" }, soak = { type = "duration", default = "90s" },
      at = { type = "time" }, mode = { type = "choice", of = { "slow", "quick" }, default = "slow" },
      waves = { type = "list", default = { 1, "10%" } }, probe = { type = "url" },
      ticket = { type = "string", match = "^CHG%-%d+$" },
    }
    """

  @Test func valuesHaveTheirTypes() async throws {
    try await ScriptHarness.with { script in
      let value = try await script(
        Self.declaration
          + """
          return { p.group, p.env, p.count, p.share, p.fast, p.soak, p.at, p.mode, p.waves, p.probe, p.ticket }
          """,
        arguments: [
          "--group", "payments", "--count=5", "--share", "0.5", "--fast", "--soak", "1h30m", "--at", "2 hours ago",
          "--mode",
          "quick", "--waves", "1,50%", "--probe", "https://x.example/healthz", "--ticket", "CHG-7",
        ])
      #expect(
        value == [
          "payments", "RELEASE", 5, .number(0.5), true, 5400, "2026-11-20T08:00:00Z", "quick", [1, "50%"],
          "https://x.example/healthz", "CHG-7",
        ])
    }
  }

  @Test func aSecretIsANameToTheScript() async throws {
    try await ScriptHarness.with { script in
      let value = try await script(
        """
        local p = apig.params { token = { secret = true, match = "^k%-", min = 4 }, none = { secret = true } }
        return { tostring(p.token), "Bearer " .. p.token, tostring(apig.run.params.token), type(p.token), p.none == nil }
        """, arguments: ["--token", "k-hush-hush"])
      let mark: Document = "‹secret token›"
      #expect(value == [mark, "Bearer ‹secret token›", mark, "table", true])
    }
  }

  @Test(arguments: [
    ("match = '^k'", "--token cannot be that (it must match ^k)"),
    ("min = 30", "--token must be at least 30 characters"),
  ])
  func noMistakeTellsASecret(_ more: String, _ message: String) async throws {
    try await ScriptHarness.with { script in
      let error = await #expect(throws: ParameterError.self) {
        try await script("apig.params { token = { secret = true, \(more) } }", arguments: ["--token", "hush-hush"])
      }
      #expect(error?.description == message)
    }
  }

  @Test func whatIsNoTextIsNoSecret() async throws {
    try await ScriptHarness.with { script in
      let error = await #expect(throws: LuaError.self) {
        try await script("apig.params { pin = { type = 'integer', secret = true } }", arguments: [])
      }
      #expect(error?.message.contains("parameter 'pin' is secret and a integer") == true, "\(error?.message ?? "")")
      let twice = await #expect(throws: LuaError.self) {
        try await script(
          "apig.params { token = { secret = true } } apig.secret 'token'", arguments: ["--token", "hush-hush"])
      }
      #expect(twice?.message.contains("'token' is a secret parameter and another secret") == true)
    }
  }

  @Test func defaultsHoldAndAbsentOnesAreNil() async throws {
    try await ScriptHarness.with { script in
      let value = try await script(
        Self.declaration + "return { p.env, p.count, p.share == nil, p.fast, p.soak, p.waves, p.mode }",
        arguments: ["--group", "g"], environment: "STAGING")
      #expect(value == ["STAGING", 3, true, false, 90, [1, "10%"], "slow"])
    }
  }

  @Test(arguments: [
    ([], "missing parameter --group"),
    (["--group", "g", "--count", "0"], "--count must be at least 1"),
    (["--group", "g", "--count", "10"], "--count must be at most 9"),
    (["--group", "g", "--count", "two"], "--count must be a whole number"),
    (["--group", "g", "--share", "nan"], "--share must be a number"),
    (["--group", "g", "--fast=maybe"], "--fast must be true or false"),
    (["--group", "g", "--soak", "1x"], "--soak must be a duration"),
    (["--group", "g", "--at", "yesterday"], "--at must be a time"),
    (["--group", "g", "--mode", "quik"], "--mode cannot be 'quik'"),
    (["--group", "g", "--probe", "ftp://x"], "--probe must be a URL"),
    (["--group", "g", "--ticket", "7"], "--ticket cannot be '7'"),
    (["--group", "g", "--countt", "1"], "unknown parameter --countt"),
    (["--group", "g", "stray"], "unexpected argument 'stray'"),
    (["--group", ""], "--group must be a name"),
  ])
  func wrongUseEndsTheScriptBeforeItsFirstCall(_ arguments: [String], _ message: String) async throws {
    try await ScriptHarness.with { script in
      let error = await #expect(throws: ParameterError.self) {
        try await script("pcall(function() \(Self.declaration) end) print('went on')", arguments: arguments)
      }
      #expect(error?.message.hasPrefix(message) == true, "\(error?.message ?? "")")
      #expect(script.output.lines.isEmpty, "the script cannot catch it")
    }
  }

  @Test(arguments: [
    ("{ a = { type = 'strin' } }", "parameter 'a' has no type 'strin'"),
    ("{ a = { typ = 'string' } }", "unknown option 'typ' of parameter 'a'"),
    ("{ a = { type = 'choice' } }", "parameter 'a' is a choice"),
    ("{ a = 'string' }", "parameter 'a' needs a table"), ("{ 'a' }", "'params' takes a table of parameters by name"),
    ("{ ['a b'] = {} }", "a parameter's name is letters"),
  ])
  func aWrongDeclarationIsTheScriptsError(_ declaration: String, _ message: String) async throws {
    try await ScriptHarness.with { script in
      let error = await #expect(throws: LuaError.self) { try await script("apig.params \(declaration)") }
      #expect((error?.underlying as? GatewayError)?.message.hasPrefix(message) == true, "\(String(describing: error))")
    }
  }

  @Test func aDescriptionComesWithoutAGateway() async throws {
    let output = KeptOutput()
    let facts = RunFacts(id: "r", user: "u", startedAt: "2026-11-20T10:00:00Z", gateway: "none")
    let context = ScriptContext(mode: .describe, facts: facts, output: output) { _ in throw CancellationError() }
    let script = "apig.playbook { name = 'x', summary = 'What it does.' }\n" + Self.declaration + "error('too far')"
    let description = try await ScriptRunner().describe(
      LuaChunk(name: "x.lua", source: Array(script.utf8)), in: context)
    #expect(description.summary == "What it does.")
    #expect(description.parameters.map(\.name).prefix(3) == ["group", "at", "count"])
    #expect(description.parameters.first?.isRequired == true)
  }
}
