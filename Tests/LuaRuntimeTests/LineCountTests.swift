import LuaRuntime
import Testing

@Suite(.timeLimit(.minutes(5))) struct LineCountTests {
  private static let module: LuaModuleSource = { name in
    name == "lib.sum" ? ("lib/sum.lua", Array("local function sum(a, b)\n  return a + b\nend\nreturn sum\n".utf8)) : nil
  }

  /// Wherever the lines run: in the script, in coroutines, in modules, in tasks of the host's.
  @Test(arguments: [LuaInterruption.counting, .signal])
  func everyLineIsCountedWhereverItRuns(_ interruption: LuaInterruption) async throws {
    let counts = LuaLineCounts()
    var limits = LuaLimits()
    limits.interruption = interruption
    let engine = try await LuaEngine(
      limits: limits, modules: [LuaModule(name: "host", functions: [.async("wait") { _ in [] }])],
      moduleSource: Self.module, lineCounts: counts
    ) { _ in }
    let source = """
      local sum = require "lib.sum"
      local co = coroutine.wrap(function()
        for i = 1, 1000 do
          coroutine.yield(sum(i, i))
        end
      end)
      for _ = 1, 1000 do
        co()
        if false then
          co()
        end
      end
      host.wait()
      load("return 1", "=all.lua")()
      """
    _ = try await engine.run(LuaChunk(name: "all.lua", source: source))
    #expect(counts.chunks == ["all.lua", "lib/sum.lua"])
    let lines = counts["all.lua"]
    #expect([4, 8, 10, 13].map { lines[$0 - 1] } == [1000, 1000, 0, 1], "\(lines)")
    #expect(counts["lib/sum.lua"][1] == 1000, "\(counts["lib/sum.lua"])")
    // Of a later run only what it ran itself comes to it.
    _ = try await engine.run(LuaChunk(name: "all.lua", source: "local x = 1\nreturn x"))
    #expect(counts["all.lua"][7] == 1000 && counts["all.lua"][1] == lines[1] + 1)
    #expect(counts["other.lua"].isEmpty)
  }

  /// Counting lines must not take the place of what ends a script.
  @Test(arguments: [LuaInterruption.counting, .signal])
  func limitsHoldWhileLinesAreCounted(_ interruption: LuaInterruption) async throws {
    let counts = LuaLineCounts()
    var limits = LuaLimits()
    limits.interruption = interruption
    limits.luaTime = .milliseconds(200)
    let engine = try await LuaEngine(limits: limits, lineCounts: counts) { _ in }
    for body in ["while true do\nend", "coroutine.wrap(function()\nwhile true do\nend\nend)()"] {
      let error = await #expect(throws: LuaError.self) {
        try await engine.run(LuaChunk(name: "endless.lua", source: body))
      }
      #expect(error?.limit == .time)
    }
    #expect(counts["endless.lua"].reduce(0, +) > 1000)
  }
}
