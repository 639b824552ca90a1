import LuaRuntime
import Testing

@Suite struct HostCallTests {
  @Test func aChunkRunsAndPrintsWholeLines() async throws {
    let output = Output()
    let results = try await engine(output: output).run(
      LuaChunk(name: "a.lua", source: "#!/usr/bin/env apig-lua\nprint('a', 1, 1.5, nil) return ..., 2"),
      arguments: ["x"])
    #expect(results == ["x", 2])
    #expect(output.string == "a\t1\t1.5\tnil\n")
  }

  static let callers = [
    "plain": "return f(7)",
    "pcall": "return select(2, pcall(f, 7))",
    "xpcall": "return select(2, xpcall(f, print, 7))",
    "coroutine": "return select(2, coroutine.resume(coroutine.create(f), 7))",
    "nested coroutines": """
    local outer = coroutine.wrap(function()
      local inner = coroutine.wrap(function() local r = f(3) coroutine.yield(r) return f(4) end)
      coroutine.yield(inner())
      return inner()
    end)
    return outer() + outer()
    """,
    "coroutine in pcall in coroutine": """
    return coroutine.wrap(function()
      return select(2, pcall(function() return coroutine.wrap(function() return f(7) end)() end))
    end)()
    """,
    "metamethods": """
    local t = setmetatable({}, { __index = function() return f(1) end, __add = function() return f(2) end,
      __call = function() return f(4) end, __lt = function() return f(true) end, __len = function() return f(0) end })
    assert(t < t)
    return t.x + (t + t) + t() + #t
    """,
    "tostring": "return tonumber(tostring(setmetatable({}, { __tostring = function() return tostring(f(7)) end })))",
    "sort": "local t = { 1, 7, 3 } table.sort(t, function(a, b) return f(a) > f(b) end) return t[1]",
    "gsub": "return tonumber((('ab'):gsub('.', function(c) return f(c == 'a' and '' or '7') end)))",
    "iterator": """
    local n = 0
    for i in function(_, i) if i < 4 then return f(i + 1) end end, nil, 0 do n = n + i end
    return n - 3
    """,
    "close": "local r do local c <close> = setmetatable({}, { __close = function() r = f(7) end }) end return r",
    "load reader": "local n = 0 return load(function() n = n + 1 if n == 1 then return f('return 7') end end)()",
    "sort in a coroutine": """
    return coroutine.wrap(function()
      local t = { 7, 5 }
      table.sort(t, function(a, b) return coroutine.wrap(function() return f(a < b) end)() end)
      return t[2]
    end)()
    """,
    "close of a coroutine": """
    local r
    local co = coroutine.create(function()
      local c <close> = setmetatable({}, { __close = function() r = f(7) end })
      coroutine.yield()
    end)
    coroutine.resume(co)
    coroutine.close(co)
    return r
    """,
  ]

  @Test(arguments: ["now", "later"], Array(callers.keys))
  func aHostFunctionCanBeCalledFrom(_ function: String, _ place: String) async throws {
    let results = try await run("local f = host.\(function)\n" + (Self.callers[place] ?? ""))
    #expect(results == [7], "\(place)")
  }

  @Test func theLocationIsTheScriptsInnermostFrame() async throws {
    let results = try await run("local a = host.where()\nlocal b = tools.call_where()\nreturn a, b, tools.where()")
    #expect(results == ["release.lua:1", "release.lua:2", "release.lua:3"])
  }

  @Test func resultsAreFreshTables() async throws {
    try await run("local t = { 1 } local a, b = host.now(t), host.now(t) a[1] = 2 assert(b[1] == 1 and t[1] == 1)")
  }

  @Test func aWaitingCoroutineCannotBeResumedOrClosed() async throws {
    try await run(
      """
      local co, seen
      co = coroutine.create(function() seen = host.later('real') end)
      tools.parallel(
        function() coroutine.resume(co) end,
        function()
          assert(coroutine.status(co) == 'normal')
          assert(not coroutine.resume(co, 'forged'))
          assert(not pcall(coroutine.close, co))
        end)
      assert(seen == 'real' and coroutine.status(co) == 'dead')
      """)
  }

  @Test func aTaskCannotYieldOrBeResumed() async throws {
    try await run(
      """
      local main = coroutine.running()
      assert(not pcall(coroutine.yield) and not coroutine.isyieldable())
      assert(not coroutine.resume(main))
      coroutine.wrap(function() assert(not coroutine.resume(main)) assert(coroutine.isyieldable()) end)()
      """)
  }

  @Test func badArgumentsNameThePath() async throws {
    let error = try await failure("host.now({ where = print })")
    #expect(error.message == "bad argument #1 to 'now' (field 'where': a function cannot cross to the host)")
    #expect(error.location == LuaLocation(chunk: "release.lua", line: 1))
  }

  @Test func aModuleHasNoAsyncCallsWhileItLoads() async throws {
    let module = LuaModule(name: "m", functions: [.async("f") { _ in [] }], prelude: "local h = ... h.f() return {}")
    await #expect(throws: LuaError.self) { try await engine(modules: [module]) }
  }
}
