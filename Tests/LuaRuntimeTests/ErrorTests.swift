import LuaRuntime
import Testing

@Suite struct ErrorTests {
  @Test(arguments: ["fail", "fail_later"])
  func aHostErrorIsATableThatPcallCatches(_ function: String) async throws {
    let results = try await run(
      """
      local ok, e = pcall(function()
        host.\(function)()
      end)
      return ok, e.kind, e.code, tostring(e), e.where, e.traceback, tools.class_name(e)
      """)
    #expect(Array(results.prefix(5)) == [false, "not_found", "APIG.3002", "there is no such API", "release.lua:2"])
    #expect(results[5].stringValue?.hasPrefix("release.lua:2: in ") == true)
    #expect(results[6] == "error")
  }

  @Test(arguments: ["fail", "fail_later"])
  func theSwiftErrorIsUnderlyingAlsoAfterARaiseAgain(_ function: String) async throws {
    for body in ["host.\(function)()", "local ok, e = pcall(host.\(function)) collectgarbage()\n error(e)"] {
      let error = try await failure(body)
      #expect(error.code == .runtime)
      #expect(error.underlying as? Refusal == Refusal())
      #expect(error.message == "there is no such API")
      #expect(error.location?.line == 1)
      #expect(error.value.tableValue?["code"] == "APIG.3002")
    }
  }

  @Test func anErrorInACoroutineKeepsItsOrigin() async throws {
    let error = try await failure("coroutine.wrap(function()\n host.fail_later() end)()")
    #expect(error.underlying as? Refusal == Refusal())
    #expect(error.location?.line == 2)
  }

  @Test func anOrdinaryErrorIsKindFailed() async throws {
    let error = try await failure("host.fail_plain()")
    #expect(error.message == "the disk is full")
    #expect(error.value.tableValue?["kind"] == "failed")
    #expect(error.underlying is Plain)
  }

  @Test func errorsOfThousandsOfCallsAreNotKept() async throws {
    try await run("for i = 1, 20000 do pcall(host.fail) end")
  }

  @Test(arguments: ["error('x')", "error({ kind = 'x' })", "host.fail()", "host.fail_later()"])
  func tracebacksGoThroughCoroutines(_ code: String) async throws {
    let source = """
      local function inner()
        \(code)
      end
      local function outer()
        coroutine.wrap(inner)()
      end
      local co = coroutine.create(outer)
      local ok, e = coroutine.resume(co)
      error(e, 0)
      """
    let error = try await failure(source)
    let lines = error.traceback?.split(separator: "\n").map { $0.prefix { $0 != " " } }
    #expect(lines == ["release.lua:2:", "release.lua:5:", "release.lua:8:"], "\(error.traceback ?? "none")")
    #expect(error.location?.line == 2)
    #expect(!error.message.contains("release.lua"))
  }

  @Test func aLuaErrorHasLocationAndTraceback() async throws {
    let error = try await failure("local function f()\n  local x = nil + 1\nend\nf()")
    #expect(error.description == "release.lua:2: attempt to perform arithmetic on a nil value")
    #expect(error.traceback == "release.lua:2: in local 'f'\nrelease.lua:4: in main chunk")
  }

  @Test func anUncaughtErrorStillClosesVariables() async throws {
    let output = Output()
    let engine = try await engine(output: output)
    let source = """
      local c <close> = setmetatable({}, { __close = function(_, e) print(e, host.later('closed')) end })
      error('no')
      """
    await #expect(throws: LuaError.self) { try await engine.run(LuaChunk(name: "a", source: source)) }
    #expect(output.string == "a:2: no\tclosed\n")
  }

  @Test func errorObjectsOfEveryTypeHaveText() async throws {
    #expect(try await failure("error(nil)").message == "(error object is a nil value)")
    #expect(try await failure("error({})").message == "(error object is a table value)")
    #expect(try await failure("error({ message = 7 })").message == "(error object is a table value)")
    #expect(try await failure("error({ kind = 'x', message = 'boom' })").message == "boom")
    #expect(try await failure("error(12)").message == "12")
    #expect(try await failure("error(setmetatable({}, {__tostring = function() return 'x' end}))").message == "x")
    let limits = limits { $0.instructions = 100_000 }
    let error = try await failure("error(setmetatable({}, {__tostring = function() while true do end end}))", limits)
    #expect(error.limit == .instructions)
  }

  @Test func preludesRaiseTableErrors() async throws {
    let error = try await failure("\ntools.error({ kind = 'usage', message = 'no' })")
    #expect(error.message == "no")
    #expect(error.location?.line == 2)
  }

  @Test func aSyntaxErrorHasItsLine() async throws {
    let error = try await failure("local a\nlocal = 3")
    #expect(error.code == .syntax)
    #expect(error.location == LuaLocation(chunk: "release.lua", line: 2))
    #expect(!error.isIncompleteInput)
    #expect(try await failure("if true then").isIncompleteInput)
    let engine = try await engine()
    await #expect(throws: LuaError.self) { try await engine.check(LuaChunk(name: "a", source: "x =")) }
    try await engine.check(LuaChunk(name: "a", source: "x = 1"))
  }

  @Test func bytecodeIsRefused() async throws {
    let error = try await failure("\u{1B}Lua")
    #expect(error.code == .syntax)
    #expect(error.message.contains("bytecode is refused"))
    try await run("local f, e = load('\\27Lua') assert(f == nil and e:find('bytecode is refused'), e)")
    try await run("assert(load(function() return '\\27Lua' end) == nil)")
  }

  @Test(arguments: ["host.stop()", "host.stop_later()", "table.sort({1, 2}, function() host.stop_later() end)"])
  func luaStopCannotBeCaught(_ call: String) async throws {
    let output = Output()
    let engine = try await engine(output: output)
    let source = """
      local c <close> = setmetatable({}, { __close = function() print('closed') end })
      while true do
        local function caught() coroutine.wrap(function() \(call) end)() end
        xpcall(function() pcall(caught) end, function() print('handler') end)
      end
      """
    await #expect(throws: Refusal(code: "stop")) { try await engine.run(LuaChunk(name: "a", source: source)) }
    #expect(output.string == "")
    #expect(try await engine.run(LuaChunk(name: "b", source: "return 1")) == [1])
  }
}
