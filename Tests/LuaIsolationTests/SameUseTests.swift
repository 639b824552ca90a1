import LuaIsolation
import LuaRuntime
import Synchronization
import Testing

/// Through the isolated engine everything looks as through the other one.
@Suite(.timeLimit(.minutes(5))) struct SameUseTests {
  /// Both runners, for what must be the same.
  private func runners(_ limits: LuaLimits = .init()) async throws -> [any LuaRunner] {
    [
      try await LuaEngine(limits: limits, modules: [hostModule, toolsModule]) { _ in },
      engine(limits),
    ]
  }

  @Test func aChunkRunsAndPrints() async throws {
    let output = Output()
    let results = try await engine(output: output).run(
      chunk("#!/usr/bin/env apig-lua\nprint('a', 1, 1.5, nil) return ..., 2"), arguments: ["x"])
    #expect(results == ["x", 2])
    #expect(output.string == "a\t1\t1.5\tnil\n")
  }

  static let values: [LuaValue] = [
    true, 7, 1.5, .number(2), "text", .string(LuaString(bytes: [0, 255, 10])), [1, [2, "three"]],
    ["a": ["b": [false]]], .integer(.min), .number(.infinity), .table(LuaTable()),
    .string(LuaString(String(repeating: "x", count: 3_000_000))),
  ]

  @Test func valuesComeBackAsTheyWent() async throws {
    let source = "local a, b = host.now(...), host.later(...) return ..."
    #expect(try await engine().run(chunk("return ..."), arguments: Self.values) == Self.values)
    #expect(try await engine().run(chunk("return host.now(...)"), arguments: Self.values) == Self.values)
    #expect(try await engine().run(chunk("return host.later(...)"), arguments: Self.values) == Self.values)
    #expect(try await engine().run(chunk(source), arguments: [.nil, 1]) == [.nil, 1])
  }

  static let callers = [
    "return f(7)", "return select(2, pcall(f, 7))", "return coroutine.wrap(function() return f(7) end)()",
    "local t = { 1, 7, 3 } table.sort(t, function(a, b) return f(a) > f(b) end) return t[1]",
    "return tonumber((('ab'):gsub('.', function(c) return f(c == 'a' and '' or '7') end)))",
    "return setmetatable({}, { __index = function() return f(7) end }).x",
    "return tools.each({ 1, 7 }, 2, 'raise', function(x) return f(x) end)[2]",
  ]

  @Test(arguments: ["now", "later"], callers)
  func aHostFunctionCanBeCalledFrom(_ function: String, _ source: String) async throws {
    #expect(try await engine().run(chunk("local f = host.\(function)\n" + source)) == [7])
  }

  @Test func aCallHasItsLocation() async throws {
    #expect(try await engine().run(chunk("\nreturn host.where()")) == ["release.lua:2"])
  }

  static let failing = [
    "local a\nlocal = 3", "if true then", "\u{1B}Lua", "local function f()\n local x = nil + 1\nend\nf()", "error(nil)",
    "error({})", "error({ kind = 'usage', message = 'no' })", "error(12)", "return print", "return { { f = print } }",
    "host.now({ where = print })", "host.fail()", "host.fail_later()",
    "local ok, e = pcall(host.fail) collectgarbage()\n error(e)",
    "coroutine.wrap(function()\n host.fail_later() end)()",
    "local c <close> = setmetatable({}, { __close = function() host.later() end }) error('no')", "require 'nothing'",
  ]

  @Test(arguments: failing) func errorsAreTheSame(_ source: String) async throws {
    var errors: [LuaError] = []
    for runner in try await runners() { errors.append(try await failure(source, in: runner)) }
    let (inside, isolated) = (errors[0], errors[1])
    #expect(isolated.code == inside.code)
    #expect(isolated.limit == inside.limit)
    #expect(isolated.message == inside.message)
    #expect(isolated.location == inside.location)
    #expect(isolated.traceback == inside.traceback)
    #expect(isolated.value.inOneOrder == inside.value.inOneOrder)
    #expect(isolated.isIncompleteInput == inside.isIncompleteInput)
    #expect(isolated.underlying as? Refusal == inside.underlying as? Refusal)
  }

  static let stopped: [(String, LuaLimits)] = [
    ("\nwhile true do pcall(function() while true do end end) end", limits { $0.instructions = 200_000 }),
    ("\nwhile true do end", limits { $0.luaTime = .milliseconds(20) }),
    ("\nhost.forever()", limits { $0.deadline = .milliseconds(300) }),
    ("\nlocal t = {} for i = 1, 1e9 do t[i] = {} end", limits { $0.memory = 8 << 20 }),
    ("\nwhile true do pcall(host.now) end", limits { $0.hostCalls = 100 }),
    ("\nwhile true do pcall(host.later) end", limits { $0.hostCalls = 100 }),
    ("\nwhile true do pcall(print, 'x') end", limits { $0.outputBytes = 1000 }),
  ]

  @Test(arguments: stopped) func limitsAreTheSame(_ source: String, _ limits: LuaLimits) async throws {
    var errors: [LuaError] = []
    for runner in try await runners(limits) { errors.append(try await failure(source, in: runner)) }
    #expect(errors[1].code == .limit)
    #expect(errors[1].limit == errors[0].limit)
    #expect(errors[1].message == errors[0].message)
    #expect(errors[1].location == errors[0].location)
  }

  @Test func theDeadlineEndsALoop() async throws {
    let error = try await failure("\nwhile true do end", in: engine(limits { $0.deadline = .milliseconds(300) }))
    #expect(error.limit == .time)
    #expect(error.message == "the deadline of 0.3 seconds was reached")
    // Where it was is known if it could say so in time.
    #expect([nil, LuaLocation(chunk: "release.lua", line: 2)].contains(error.location))
  }

  @Test(arguments: ["host.stop()", "host.stop_later()", "table.sort({1, 2}, function() host.stop_later() end)"])
  func luaStopCannotBeCaught(_ call: String) async throws {
    let output = Output()
    let engine = engine(output: output)
    let source =
      "local c <close> = setmetatable({}, { __close = function() print('closed') end })\npcall(function() \(call) end) print('after')"
    await #expect(throws: Refusal(code: "stop")) { try await engine.run(chunk(source)) }
    #expect(output.string == "")
    #expect(try await engine.run(chunk("return 1")) == [1])
  }

  @Test func hostErrorsAreTablesInLuaAndNotKept() async throws {
    let results = try await engine().run(
      chunk(
        """
        for i = 1, 2000 do pcall(host.fail) end
        local ok, e = pcall(function()
          host.fail_later()
        end)
        return ok, e.kind, e.code, tostring(e), e.where, tools.class_name(e)
        """))
    #expect(results == [false, "not_found", "APIG.3002", "there is no such API", "release.lua:3", "error"])
  }

  @Test func modulesAreFoundByPreludeAndSource() async throws {
    let prelude = LuaModule(
      name: "m", functions: [.sync("twice") { [.integer(($0[0].integerValue ?? 0) * 2)] }],
      prelude: "local h = ... return { four = h.twice(2), hidden = h.twice }", isGlobal: false)
    let engine = engine(
      modules: [prelude],
      moduleSource: { name in
        if name == "broken" { throw Refusal() }
        return name == "lib" ? ("lib.lua", Array("local m = require 'm' return { n = m.four }".utf8)) : nil
      })
    #expect(try await engine.run(chunk("return require('lib').n, m, require('m').hidden(4)")) == [4, .nil, 8])
    #expect(try await failure("require 'other'", in: engine).message.contains("not found"))
    #expect(try await failure("require 'broken'", in: engine).underlying as? Refusal == Refusal())
  }

  @Test(arguments: ["error('no')", "return 1", "local", "local h = ... h.f() return {}"])
  func aPreludeThatFailsShowsInTheRun(_ prelude: String) async throws {
    let module = LuaModule(name: "m", functions: [.async("f") { _ in [] }], prelude: prelude)
    let inside = await #expect(throws: LuaError.self) { try await LuaEngine(modules: [module]) { _ in } }
    let isolated = try await failure("return 1", in: engine(modules: [module]))
    #expect(isolated.code == inside?.code)
    #expect(isolated.message == inside?.message)
  }

  @Test func theSeedAndTheClockAreTheHosts() async throws {
    let clock = LuaClock(time: { _ in 1_000_000 }, processorTime: { _, _ in 2.5 })
    let source = """
      return os.time(), os.clock(), math.random(1 << 40), math.random(1 << 40),
        tools.each({ 1, 2 }, 2, 'raise', function() return math.random(1 << 40) end)
      """
    let inside = try await LuaEngine(modules: [toolsModule], seed: 7, clock: clock) { _ in }
    let isolated = engine(modules: [toolsModule], seed: 7, clock: clock)
    #expect(try await isolated.run(chunk(source)) == inside.run(chunk(source)))
    #expect(
      try await engine().run(chunk("return math.random(1 << 60)")) != engine().run(chunk("return math.random(1 << 60)"))
    )
  }

  @Test func theTimeZoneIsTheHosts() async throws {
    let source = "return os.date('%Y-%m-%d %H:%M:%S %Z', 1234567890), os.time({ year = 2026, month = 7, day = 1 })"
    var results: [[LuaValue]] = []
    for runner in try await runners() { results.append(try await runner.run(chunk(source))) }
    #expect(results[0] == results[1])
  }

  @Test func aThousandCallsWaitAtOnce() async throws {
    let all = Event()
    let waiting = Mutex(0)
    let module = LuaModule(
      name: "gate",
      functions: [
        .async("pass") { call in
          if waiting.withLock({
            $0 += 1; return $0
          }) == 1000 {
            all.happen()
          }
          await all.wait()
          return call.arguments
        }
      ])
    let source = """
      local list = {}
      for i = 1, 1000 do list[i] = i end
      local sum = 0
      for _, n in ipairs(tools.each(list, 1000, 'raise', function(i) return gate.pass(i) end)) do sum = sum + n end
      return sum
      """
    #expect(try await engine(modules: [module, toolsModule]).run(chunk(source)) == [500_500])
  }

  @Test func everyRunIsNew() async throws {
    let engine = engine()
    _ = try await engine.run(chunk("x = 1"))
    #expect(try await engine.run(chunk("return x")) == [.nil])
  }

  @Test func checkCompilesOnly() async throws {
    let engine = engine()
    try await engine.check(chunk("host.stop()"))
    let error = await #expect(throws: LuaError.self) { try await engine.check(chunk("x =")) }
    #expect(error?.isIncompleteInput == true)
    await engine.close()
    await #expect(throws: LuaError.self) { try await engine.check(chunk("")) }
    await #expect(throws: LuaError.self) { try await engine.run(chunk("")) }
  }

  @Test func aSecondRunAtOnceIsRefused() async throws {
    let (started, go) = (Event(), Event())
    let module = LuaModule(
      name: "gate",
      functions: [
        .async("pass") { _ in
          started.happen()
          await go.wait()
          return []
        }
      ])
    let engine = engine(modules: [module])
    async let first = engine.run(chunk("gate.pass() return 1"))
    await started.wait()
    await #expect(throws: LuaError.self) { try await engine.run(chunk("return 2")) }
    await engine.close()  // does nothing now
    go.happen()
    #expect(try await first == [1])
    #expect(try await engine.run(chunk("return 3")) == [3])
  }
}

extension LuaValue {
  /// The fields sorted: Lua visits them in any order.
  fileprivate var inOneOrder: LuaValue {
    guard case .table(var table) = self else { return self }
    table.fields.sort { "\($0)" < "\($1)" }
    return .table(table)
  }
}
