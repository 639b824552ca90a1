import LuaRuntime
import Testing

/// Host calls run on the engine's thread: what they wait for, and what they take, must not be the script's.
@Suite(.timeLimit(.minutes(5))) struct HostThreadTests {
  /// The comparator of a sort waits in place, for a call that another task of the script has begun.
  @Test(arguments: ["table.sort({ 1, 2 }, function() release() return false end)", "release()"])
  func aCallThatWaitsInPlaceDoesNotHoldUpTheOthers(_ release: String) async throws {
    let gate = Gate()
    let (ended, passing) = AsyncStream<Void>.makeStream()
    let module = LuaModule(
      name: "gate",
      functions: [
        .async("pass") { _ in
          try await gate.pass()
          await Task.yield()
          passing.yield()
          return []
        },
        .async("release") { _ in
          await gate.arrivals(1)
          gate.openOne()
          for await _ in ended { break }
          return []
        },
      ],
      prelude: "local h = ... return { pass = h.pass, release = h.release, each = h.each }")
    let engine = try await engine(modules: [module])
    let results = try await engine.run(
      LuaChunk(
        name: "a.lua",
        source: """
          local release, calls = gate.release, 0
          gate.each({ 1, 2 }, 2, 'raise', function(i)
            if i == 1 then gate.pass() else \(release) end
            calls = calls + 1
          end)
          return calls
          """))
    #expect(results == [2])
  }

  @Test func whatAHostCallComputesIsNoTimeInLua() async throws {
    let limit = Duration.milliseconds(500)
    let module = LuaModule(
      name: "host",
      functions: [
        .async("compute") { _ in
          let end = ContinuousClock.now + limit
          var number: UInt64 = 1
          while ContinuousClock.now < end { number = number &* 6_364_136_223_846_793_005 &+ 1 }
          await Task.yield()
          return [.integer(Int64(truncatingIfNeeded: number))]
        }
      ])
    let engine = try await engine(limits { $0.luaTime = limit }, modules: [module])
    let results = try await engine.run(
      LuaChunk(name: "a.lua", source: "for i = 1, 3 do host.compute() for j = 1, 1e5 do end end return 'done'"))
    #expect(results == ["done"])
  }
}
