import Testing

@testable import LuaRuntime

/// Chunks that are handed to a function of a module instead of being called.
@Suite(.timeLimit(.minutes(1))) struct ThroughTests {
  private static let module = LuaModule(
    name: "[driver]", functions: [],
    prelude: """
      return {
        count = function(chunk, ...) return select('#', chunk(...)), ... end,
        twice = function(chunk) chunk() return chunk() end,
      }
      """, isGlobal: false)

  private func engine() async throws -> LuaEngine { try await LuaEngine(modules: [Self.module]) { _ in } }

  private func run(_ engine: LuaEngine, _ function: String, _ source: String, _ arguments: [LuaValue] = []) async throws
    -> [LuaValue]
  {
    try await engine.run(
      LuaChunk(name: "typed", source: source), arguments: arguments,
      through: LuaModule.Function(module: "[driver]", name: function))
  }

  @Test func theFunctionGetsTheChunkAndTheArguments() async throws {
    let engine = try await engine()
    #expect(try await run(engine, "count", "return ...", [1, "two"]) == [2, 1, "two"])
    #expect(try await run(engine, "twice", "n = (n or 0) + 1 return n") == [2])
    // The globals are the script's, and last.
    #expect(try await engine.run(LuaChunk(name: "x", source: "return n")) == [2])
  }

  @Test func errorsAreTheChunksOwn() async throws {
    let engine = try await engine()
    let error = await #expect(throws: LuaError.self) { try await run(engine, "twice", "\nerror 'own'") }
    #expect(error?.message == "own" && error?.location == LuaLocation(chunk: "typed", line: 2))
    let syntax = await #expect(throws: LuaError.self) { try await run(engine, "twice", "x = ") }
    #expect(syntax?.code == .syntax && syntax?.isIncompleteInput == true)
    #expect(try await run(engine, "count", "return 1, 2") == [2])
  }
}
