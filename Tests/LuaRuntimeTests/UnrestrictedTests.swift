import LuaRuntime
import Testing

@Suite(.timeLimit(.minutes(5))) struct UnrestrictedTests {
  private func engine(
    _ limits: LuaLimits = .init(), output: Output = Output(), seed: UInt64? = nil
  ) async throws -> LuaEngine {
    try await LuaEngine(
      limits: limits, library: .unrestricted, modules: [hostModule, toolsModule],
      moduleSource: { $0 == "mine" ? ("mine.lua", Array("local name = ... return { name = name }".utf8)) : nil },
      seed: seed
    ) { output.append($0) }
  }

  @discardableResult
  private func run(_ source: String, _ limits: LuaLimits = .init()) async throws -> [LuaValue] {
    try await engine(limits).run(LuaChunk(name: "a.lua", source: source))
  }

  @Test func theStockLibraryIsThere() async throws {
    try await run(
      """
      assert(io.open and os.getenv and debug.getinfo and package.loaded.string == string)
      assert(load(string.dump(function() return 7 end), 'b', 'b')() == 7)
      assert(getmetatable('').__index == string)
      assert(require 'string' == string and _G._G == _G and warn and dofile and loadfile)
      """)
  }

  @Test func theSandboxHasNoneOfIt() async throws {
    let results = try await LuaRuntimeTests.run("return io, debug, package, os.getenv, dofile, string.dump")
    #expect(results.allSatisfy { $0 == .nil })
  }

  @Test func hostModulesAreFound() async throws {
    try await run(
      """
      assert(require 'host' == host and package.loaded.tools == tools)
      assert(require('mine').name == 'mine' and require 'mine' == package.loaded.mine)
      local ok, message = pcall(require, 'nowhere')
      assert(not ok and message:find("module 'nowhere' not found", 1, true))
      """)
  }

  @Test(arguments: HostCallTests.callers.keys.sorted(), ["now", "later"])
  func aHostFunctionCanBeCalledFrom(_ place: String, _ function: String) async throws {
    let results = try await run("local f = host.\(function)\n" + (HostCallTests.callers[place] ?? ""))
    #expect(results == [7], "\(place)")
  }

  @Test func theScriptSeesItselfAsTheMainThread() async throws {
    try await run(
      """
      local main, isMain = coroutine.running()
      assert(isMain and not coroutine.isyieldable() and not pcall(coroutine.yield))
      coroutine.wrap(function() assert(select(2, coroutine.running()) == false and coroutine.isyieldable()) end)()
      """)
  }

  @Test func randomNumbersFollowTheSeed() async throws {
    let chunk = LuaChunk(name: "a", source: "return math.random(1 << 40)")
    let first = try await engine(seed: 3).run(chunk)
    #expect(try await engine(seed: 3).run(chunk) == first)
  }

  /// The decoder allocates, which runs finalizers, which call the host while an answer is being read.
  @Test(arguments: ["now", "later"])
  func finalizersCallTheHostWhileAnswersAreRead(_ function: String) async throws {
    let results = try await run(
      """
      collectgarbage('generational') collectgarbage('incremental', 50, 1000, 5)
      local finalized = 0
      local function mark()
        setmetatable({}, { __gc = function()
          finalized = finalized + #host.\(function)({ ('x'):rep(5000), finalized })[1] / 5000
          if finalized < 3000 then mark() end
        end })
      end
      for i = 1, 20 do mark() end
      local list = {}
      for i = 1, 200 do list[i] = ('%d'):format(i):rep(20) end
      for i = 1, 200 do
        local copy = host.\(function)(list)
        for k = 1, 200 do assert(copy[k] == list[k]) end
      end
      return finalized > 0
      """)
    #expect(results == [true])
  }

  @Test func finalizersRunWhenTheEngineIsFreed() async throws {
    let output = Output()
    let engine = try await engine(output: output)
    _ = try await engine.run(
      LuaChunk(
        name: "a",
        source: """
          kept = setmetatable({}, { __gc = function()
            print('freed', pcall(host.now, 1))
            pcall(host.later)
            pcall(tools.each, { 1 }, 1, 'raise', print)
            coroutine.wrap(function() print('in a coroutine') end)()
          end })
          """))
    await engine.close()
    #expect(output.string == "freed\ttrue\t1\nin a coroutine\n")
  }

  @Test(arguments: [
    "while true do end", "while true do pcall(function() while true do end end) end",
    "coroutine.wrap(function() while true do end end)()", "table.sort({ 1, 2, 3 }, function() while true do end end)",
    "setmetatable({}, { __gc = function() pcall(host.now) end }) while true do local t = {} end",
  ])
  func honestLoopsStillEnd(_ source: String) async throws {
    let engine = try await engine(limits { $0.instructions = 200_000 })
    let error = await #expect(throws: LuaError.self) { try await engine.run(LuaChunk(name: "a", source: source)) }
    #expect(error?.limit == .instructions)
    #expect(try await engine.run(LuaChunk(name: "b", source: "return 1")) == [1])
  }

  @Test func aStopInsideAFinalizerEndsTheRunAfterIt() async throws {
    let engine = try await engine(limits { $0.hostCalls = 10 })
    let error = await #expect(throws: LuaError.self) {
      try await engine.run(
        LuaChunk(
          name: "a",
          source: """
            setmetatable({}, { __gc = function() while true do host.now() end end })
            collectgarbage()
            while true do end
            """))
    }
    #expect(error?.limit == .calls)
    #expect(try await engine.run(LuaChunk(name: "b", source: "return host.later(1)")) == [1])
  }
}
