import LuaIsolation
import LuaRuntime
import Testing

@Suite(.timeLimit(.minutes(5))) struct CancellationTests {
  private func started(_ source: String) -> (engine: IsolatedLuaEngine, started: Event, chunk: LuaChunk) {
    let event = Event()
    let module = LuaModule(
      name: "m",
      functions: [
        .sync("started") { _ in
          event.happen()
          return []
        }
      ])
    return (engine(modules: [module, hostModule]), event, chunk("m.started()\n" + source))
  }

  /// The last is a single instruction of minutes: only the signal helps.
  static let endless = [
    "while true do end", "while true do pcall(host.later) end", "host.forever()",
    "table.sort({ 1, 2 }, function() host.forever() end)", "coroutine.wrap(host.forever)()",
    "local c = print for i = 1, 3e5 do c = setmetatable({}, { __call = c }) end c()",
  ]

  @Test(arguments: endless) func cancellingTheTaskEndsTheRun(_ source: String) async throws {
    let (engine, started, chunk) = started(source)
    let task = Task { try await engine.run(chunk) }
    await started.wait()
    task.cancel()
    let error = await #expect(throws: LuaError.self) { try await task.value }
    #expect(error?.code == .cancelled)
    #expect(try await engine.run(LuaChunk(name: "b", source: "return 1")) == [1])
  }

  @Test(arguments: endless) func cancelEndsTheRun(_ source: String) async throws {
    let (engine, started, chunk) = started(source)
    let task = Task { try await engine.run(chunk) }
    await started.wait()
    engine.cancel()
    let error = await #expect(throws: LuaError.self) { try await task.value }
    #expect(error?.code == .cancelled)
  }

  @Test func aTaskThatIsCancelledBeforeRunsNothing() async throws {
    let output = Output()
    let engine = engine(output: output)
    let task = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return try await engine.run(chunk("while true do print('x') end"))
    }
    let error = await #expect(throws: LuaError.self) { try await task.value }
    #expect(error?.code == .cancelled)
    #expect(output.string == "")
  }
}
