import LuaRuntime
import Testing

/// What preludes need for calls that come from outside.
@Suite struct SpawnTests {
  /// A module with the helpers, and a function that tells the branch of its caller, after a while.
  private static let module = LuaModule(
    name: "tasks",
    functions: [
      .async("branch") { [.text($0.branch)] },
      .async("later") { call in
        try await Task.sleep(for: .milliseconds(1))
        return call.arguments
      },
    ],
    prelude: """
      local host = ...
      return {
        spawn = host.spawn, part = host.part, can_suspend = host.can_suspend, is_own = host.is_own,
        branch = host.branch, later = host.later, each = host.each, own = function() end, weak = host.weak,
      }
      """)

  private func run(_ source: String) async throws -> [LuaValue] {
    try await engine(modules: [Self.module]).run(LuaChunk(name: "release.lua", source: source))
  }

  @Test func aTaskRunsBesideTheScriptInItsBranch() async throws {
    let results = try await run(
      """
      local seen
      tasks.spawn("/9.1", function(text)
        seen = text .. tasks.branch() .. tasks.each({ 1 }, 1, "raise", function() return tasks.branch() end)[1]
      end, "in ")
      while not seen do tasks.later() end
      return seen, tasks.branch()
      """)
    #expect(results == ["in /9.1/9.1/1.1", ""])
  }

  @Test func partsAreCountedWithThoseOfEach() async throws {
    let results = try await run(
      """
      local first = tasks.part()
      local inside = tasks.each({ 1 }, 1, "raise", function() return tasks.branch() .. " " .. tasks.part() end)[1]
      return first, inside, tasks.part()
      """)
    #expect(results == ["/1.1", "/2.1 /2.1/1.1", "/3.1"])
  }

  @Test func randomNumbersOfATaskGoByItsBranch() async throws {
    let source = """
      local drawn = {}
      local function draw(name) drawn[name] = math.random(1 << 40) end
      local names = { %@ }
      for _, name in ipairs(names) do tasks.spawn(name, draw, name) end
      while not (drawn["/8.1"] and drawn["/9.1"]) do tasks.later() end
      return drawn["/8.1"], drawn["/9.1"]
      """
    func drawn(_ order: String) async throws -> [LuaValue] {
      let engine = try await LuaEngine(modules: [Self.module], seed: 7) { _ in }
      return try await engine.run(LuaChunk(name: "a", source: source.replacing("%@", with: order)))
    }
    let one = try await drawn("'/8.1', '/9.1'"), other = try await drawn("'/9.1', '/8.1'")
    #expect(one == other)
    #expect(one[0] != one[1])
  }

  @Test func anErrorOfATaskEndsTheRun() async throws {
    let engine = try await engine(modules: [Self.module])
    let error = await #expect(throws: LuaError.self) {
      try await engine.run(
        LuaChunk(
          name: "release.lua",
          source: "tasks.spawn('/9.1', function() error('not well', 0) end) while true do tasks.later() end"))
    }
    #expect(error?.message == "not well")
    #expect(try await engine.run(LuaChunk(name: "a", source: "return 1")) == [1])
  }

  @Test func anErrorOfATaskIsKeptWhileTheScriptWaitsWhereItCannotSuspend() async throws {
    let engine = try await engine(modules: [Self.module])
    let error = await #expect(throws: LuaError.self) {
      try await engine.run(
        LuaChunk(
          name: "release.lua",
          source: """
            tasks.spawn("/9.1", function() error("the first", 0) end)
            pcall(table.sort, { 2, 1 }, function()
              tasks.each({ 1 }, 1, "raise", function() for _ = 1, 20 do tasks.later() end end)
              return false
            end)
            return "went on"
            """))
    }
    #expect(error?.message == "the first")
  }

  @Test func aWeakTableHoldsNothing() async throws {
    let results = try await run(
      """
      local values, keys, kept = tasks.weak "v", tasks.weak "k", {}
      values.kept, values.gone, keys[kept], keys[{}] = kept, {}, 1, 2
      collectgarbage()
      local count = 0
      for _ in pairs(keys) do count = count + 1 end
      return values.kept == kept, values.gone, count, getmetatable(values), (pcall(tasks.weak, "x"))
      """)
    #expect(results == [true, .nil, 1, false, false])
  }

  @Test func theEndOfTheScriptIsTheEndOfItsTasks() async throws {
    let results = try await run(
      "tasks.spawn('/9.1', function() while true do tasks.later() end end) tasks.later() return 'done'")
    #expect(results == ["done"])
  }

  @Test(
    arguments: [
      ("return tasks.can_suspend()", true),
      ("return coroutine.wrap(function() return tasks.can_suspend() end)()", true),
      ("return tasks.each({ 1 }, 1, 'raise', function() return tasks.can_suspend() end)[1]", true),
      ("return setmetatable({}, { __index = function() return tasks.can_suspend() end }).x", true),
      ("local can table.sort({ 2, 1 }, function(a, b) can = tasks.can_suspend() return a < b end) return can", false),
      ("local can ('x'):gsub('x', function() can = tasks.can_suspend() end) return can", false),
      (
        """
        local can
        ('x'):gsub('x', function() coroutine.wrap(function() can = tasks.can_suspend() end)() end)
        return can
        """, false
      ),
    ])
  func itIsKnownWhetherOthersCanRun(_ source: String, _ expected: Bool) async throws {
    let results = try await run(source)
    #expect(results == [.boolean(expected)])
  }

  @Test func functionsOfTheScriptAreToldFromOthers() async throws {
    let results = try await run(
      """
      return tasks.is_own(print), tasks.is_own(tasks.own), tasks.is_own(tasks.branch), tasks.is_own(function() end),
        tasks.is_own(load("return 1", "=[tasks]")), tasks.is_own(coroutine.wrap(function() end))
      """)
    #expect(results == [true, true, true, false, false, true])
  }

  @Test func aScriptMayBeCalledAsPreludesAre() async throws {
    let engine = try await engine(modules: [Self.module])
    let chunk = LuaChunk(name: "[x].lua", source: "return tasks.is_own(function() end)")
    #expect(try await engine.run(chunk) == [false])
    let error = await #expect(throws: LuaError.self) {
      try await engine.run(LuaChunk(name: "[x]", source: "\nerror 'no'"))
    }
    #expect(error?.location == LuaLocation(chunk: "./[x]", line: 2))
  }

  @Test(arguments: ["tasks.spawn('x\\0', print)", "tasks.spawn(('x'):rep(10000), print)", "tasks.spawn('x', 1)"])
  func whatIsNoTaskIsRefused(_ call: String) async throws {
    let results = try await run("return (pcall(function() \(call) end))")
    #expect(results == [false])
  }
}
