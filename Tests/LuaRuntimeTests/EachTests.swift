import LuaRuntime
import Testing

@Suite struct EachTests {
  @Test func resultsAreInTheListsOrder() async throws {
    let gate = Gate()
    let module = LuaModule(
      name: "gate",
      functions: [
        .async("pass") { call in
          try await gate.pass(); return call.arguments
        }
      ])
    let engine = try await engine(modules: [module, toolsModule])
    let source = "return tools.each({ 'a', 'b', 'c' }, 3, 'raise', function(x, i) return gate.pass(x .. i) end)"
    async let results = engine.run(LuaChunk(name: "a", source: source))
    await gate.arrivals(3)
    for _ in 0..<3 { gate.openOne() }  // the newest first
    #expect(try await results == [["a1", "b2", "c3"]])
  }

  @Test func atMostSoManyRunAtOnce() async throws {
    try await run(
      """
      local active, most = 0, 0
      local list = {}
      for i = 1, 50 do list[i] = i end
      tools.each(list, 4, 'raise', function(i)
        active = active + 1
        most = math.max(most, active)
        host.later(i)
        active = active - 1
      end)
      assert(most == 4 and active == 0, most)
      """)
  }

  @Test func theFirstFailureStartsNothingMoreAndIsRaised() async throws {
    let error = try await failure(
      """
      local started = 0
      local ok, e = pcall(tools.each, { 1, 2, 3, 4, 5 }, 2, 'raise', function(i)
        started = started + 1
        host.later()
        if i == 1 then host.fail() end
      end)
      assert(not ok and started <= 3, started)
      error(e)
      """)
    #expect(error.underlying as? Refusal == Refusal())
  }

  @Test func failuresCanBeReturned() async throws {
    let results = try await run(
      """
      local results, failures = tools.each({ 1, 2, 3 }, 8, 'return', function(i)
        if i == 2 then error('no', 0) end
        return host.later(i * 10)
      end)
      return results[1], results[2], results[3], #failures, failures[1].index, failures[1].error
      """)
    #expect(results == [10, .nil, 30, 1, 2, "no"])
  }

  @Test func eachWorksWhereNothingCanYield() async throws {
    let source = """
      local t = { 3, 1, 2 }
      table.sort(t, function(a, b)
        local r = tools.each({ a, b }, 2, 'raise', function(x) return host.later(x) end)
        return r[1] < r[2]
      end)
      return t, tools.each({}, 1, 'raise', print)
      """
    #expect(try await run(source) == [[1, 2, 3], .table(LuaTable())])
  }

  @Test func eachNests() async throws {
    let source = """
      return tools.each({ 1, 2 }, 2, 'raise', function(i)
        return coroutine.wrap(function()
          return tools.each({ 1, 2 }, 2, 'raise', function(j) return host.later(i * 10 + j) end)
        end)()
      end)
      """
    #expect(try await run(source) == [[[11, 12], [21, 22]]])
  }

  @Test func waitingTasksSurviveACollection() async throws {
    let source = """
      local list = {}
      for i = 1, 500 do list[i] = i end
      local results = tools.each(list, 500, 'raise', function(i)
        return coroutine.wrap(function()
          for j = 1, 3 do host.later(j) if i % 100 == 0 then collectgarbage() end end
          return i
        end)()
      end)
      assert(#results == 500 and results[77] == 77)
      """
    try await run(source)
  }

  @Test func tenThousandTasksWaitAtOnce() async throws {
    let gate = Gate()
    let module = LuaModule(
      name: "gate",
      functions: [
        .async("pass") { call in
          try await gate.pass(); return call.arguments
        }
      ])
    let engine = try await engine(modules: [module, toolsModule])
    let source = """
      local list = {}
      for i = 1, 10000 do list[i] = i end
      local results = tools.each(list, 10000, 'raise', function(i) return gate.pass(i) end)
      local sum = 0
      for _, n in ipairs(results) do sum = sum + n end
      return sum
      """
    async let results = engine.run(LuaChunk(name: "a", source: source))
    await gate.arrivals(10_000)
    for _ in 0..<10_000 { gate.openOne() }
    #expect(try await results == [50_005_000])
  }
}
