import LuaRuntime
import Testing

@Suite(.timeLimit(.minutes(5))) struct RandomNumberTests {
  private func results(_ source: String, seed: UInt64? = 7) async throws -> [LuaValue] {
    let engine = try await LuaEngine(modules: [hostModule, toolsModule], seed: seed) { _ in }
    return try await engine.run(LuaChunk(name: "a", source: source))
  }

  /// The numbers of stock Lua 5.4 for `math.randomseed(7)`.
  @Test func theyAreStockLuas() async throws {
    let source =
      "math.randomseed(7) return math.random(1 << 40), math.random(0), math.random(-5, 5), math.randomseed(3, 4)"
    #expect(try await results(source) == [813_858_772_800, 7_158_829_965_715_012_823, 5, 3, 4])
  }

  @Test func whatATaskDrawsDoesNotDependOnTheOthers() async throws {
    func source(_ concurrency: Int) -> String {
      """
      local draws = tools.each({ 3, 1, 2 }, \(concurrency), 'raise', function(n, i)
        local drawn = {}
        for k = 1, n do
          drawn[k] = math.random(1 << 40)
          host.later(k)
        end
        drawn[n + 1] = tools.each({ 1 }, 1, 'raise', function() return math.random(1 << 40) end)[1]
        return drawn
      end)
      return draws, math.random(1 << 40)
      """
    }
    let alone = try await results(source(1))
    #expect(try await results(source(3)) == alone)
    #expect(try await results(source(1), seed: 8) != alone)
    let firsts = alone[0].tableValue?.sequence.compactMap { $0.tableValue?.sequence.first } ?? []
    #expect(Set(firsts).count == 3)
  }

  @Test func aSeedOfTheScriptHoldsForItsTasksToo() async throws {
    let source = """
      math.randomseed(42)
      return tools.each({ 1, 2 }, 2, 'raise', function() return math.random(1 << 40) end), math.random(1 << 40)
      """
    #expect(try await results(source, seed: nil) == results(source, seed: nil))
  }

  @Test func withoutASeedEachEngineHasItsOwn() async throws {
    let source = "math.randomseed() return math.random(1 << 60)"
    #expect(try await results(source, seed: nil) != results(source, seed: nil))
    #expect(try await results(source) == results(source))
  }

  @Test func aLaterRunGoesOnWhereTheLastEnded() async throws {
    let engine = try await LuaEngine(seed: 7) { _ in }
    let chunk = LuaChunk(name: "a", source: "return math.random(1 << 60)")
    #expect(try await engine.run(chunk) != engine.run(chunk))
  }

  @Test func wrongIntervalsAreRefused() async throws {
    let source = """
      local function message(...) return select(2, pcall(math.random, ...)) end
      return message(2, 1), message(1, 2, 3), message(1.5), message(math.maxinteger, math.mininteger)
      """
    #expect(
      try await results(source).map { $0.stringValue?.contains("interval is empty") } == [true, false, false, true])
  }
}
