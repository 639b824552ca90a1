import Glibc
import LuaRuntime
import Synchronization
import Testing

@Suite struct LimitTests {
  static let endless = [
    "while true do end",
    "while true do pcall(function() while true do end end) end",
    "local co = coroutine.wrap(function() while true do end end) co()",
    "while true do coroutine.resume(coroutine.create(function() while true do end end)) end",
    "while true do xpcall(error, function() while true do end end) end",
    "table.sort({ 3, 1, 2 }, function() while true do end end)",
    "while true do pcall(string.gsub, 'x', '.', function() while true do end end) end",
    "local c <close> = setmetatable({}, { __close = function() while true do end end }) error('x')",
    "load(function() while true do end end)",
    "table.insert(setmetatable({}, { __len = function() return 1 << 50 end }), 1, 1)",
    "table.remove(setmetatable({}, { __len = function() return 1 << 50 end }), 1)",
    "table.move({}, 1, 1 << 50, 2)",
    "table.concat(setmetatable({}, { __index = rawlen }), '', 1, 1 << 50)",
    "table.sort(setmetatable({}, { __len = function() return 1 << 30 end, __index = rawlen }), rawequal)",
    "('a'):rep(1e5):find('.-.-.-b$')",
    "('a'):rep(1e5):gsub('a*a*a*b', '')",
    "('('):rep(1e6):gsub('%b()', '')",
    "('a'):rep(30):match(('a?'):rep(30) .. ('a'):rep(30) .. 'b')",
    "while true do ('x'):rep(1e6) end",
    "local function again() pcall(again) return again() end again()",
    "tools.each({ 1, 2, 3 }, 2, 'return', function() while true do end end)",
  ]

  @Test(arguments: endless)
  func anEndlessLoopReachesTheInstructionLimit(_ source: String) async throws {
    let error = try await failure(source, limits { $0.instructions = 200_000 })
    #expect(error.code == .limit)
    #expect(error.limit == .instructions)
    #expect(error.location?.chunk == "release.lua")
  }

  @Test(arguments: endless, [LuaInterruption.counting, .signal])
  func anEndlessLoopReachesTheTimeLimit(_ source: String, _ interruption: LuaInterruption) async throws {
    let limits = limits {
      $0.luaTime = .milliseconds(20)
      $0.interruption = interruption
    }
    #expect(try await failure(source, limits).limit == .time)
  }

  @Test func answersThatNobodyTookCountAsMemory() async throws {
    let gate = Gate(), hold = Gate(), passed = AsyncStream<Void>.makeStream()
    let module = LuaModule(
      name: "gate",
      functions: [
        .async("pass") { _ in
          try await gate.pass()
          passed.continuation.yield()
          return [.string(LuaString(bytes: [UInt8](repeating: 0, count: 1 << 20)))]
        },
        .async("hold") { _ in
          try await hold.pass()
          return []
        },
      ])
    let engine = try await engine(limits { $0.memory = 8 << 20 }, modules: [module, toolsModule])
    // The last one waits in place, so that no other can take its answer meanwhile.
    let source = """
      local items = {}
      for i = 1, 31 do items[i] = i end
      tools.each(items, 31, 'raise', function(i)
        if i <= 30 then gate.pass() else table.sort({ 2, 1 }, function() gate.hold() end) end
      end)
      """
    let task = Task { try await engine.run(LuaChunk(name: "a", source: source)) }
    await gate.arrivals(30)
    await hold.arrivals(1)
    for _ in 1...30 { gate.openOne() }
    var count = 0
    for await _ in passed.stream {
      count += 1
      if count == 30 { break }
    }
    hold.openOne()
    let error = await #expect(throws: LuaError.self) { try await task.value }
    #expect(error?.limit == .memory)
  }

  @Test(arguments: [
    "local t = {} for i = 1, 1e9 do t[i] = {} end",
    "local s = 'x' while true do s = s .. s end",
    "local s = 'x' while true do pcall(function() s = s .. s end) end",
    "local t = {} while true do pcall(function() t[#t + 1] = ('x'):rep(100000) .. #t end) end",
    "local function f(n) return 1 + f(n + 1) end f(1)",
  ])
  func memoryIsLimited(_ source: String) async throws {
    let engine = try await engine(limits { $0.memory = 8 * 1024 * 1024 })
    let error = await #expect(throws: LuaError.self) { try await engine.run(LuaChunk(name: "a", source: source)) }
    // Unbounded recursion may also meet Lua's own stack limit.
    #expect(error?.limit == .memory || error?.message.contains("stack overflow") == true)
    #expect(try await engine.run(LuaChunk(name: "b", source: "return 1")) == [1])
    #expect(await engine.memory.used < 8 * 1024 * 1024)
  }

  @Test func hostCallsAreLimited() async throws {
    let limits = limits { $0.hostCalls = 100 }
    #expect(try await failure("while true do host.now() end", limits).limit == .calls)
    #expect(try await failure("while true do pcall(host.later) end", limits).limit == .calls)
    #expect(try await run("for i = 1, 100 do host.now() end return 1", limits) == [1])
  }

  @Test func outputIsLimited() async throws {
    let error = try await failure("while true do pcall(print, 'x') end", limits { $0.outputBytes = 1000 })
    #expect(error.limit == .output)
  }

  @Test(arguments: ["gate.pass()", "table.sort({ 1, 2 }, function() gate.pass() end)"])
  func theDeadlineEndsAHostWait(_ source: String) async throws {
    let gate = Gate()
    let module = LuaModule(
      name: "gate",
      functions: [
        .async("pass") { _ in
          try await gate.pass(); return []
        }
      ])
    let error = try await failure(source, limits { $0.deadline = .milliseconds(10) }, modules: [module])
    #expect(error.code == .limit)
    #expect(error.limit == .time)
  }

  @Test(arguments: [
    "gate.pass()", "table.sort({ 1, 2 }, function() gate.pass() end)", "while true do pcall(gate.pass) end",
    "coroutine.wrap(function() gate.pass() end)()",
  ])
  func cancellingTheTaskEndsAWait(_ source: String) async throws {
    let gate = Gate()
    let module = LuaModule(
      name: "gate",
      functions: [
        .async("pass") { _ in
          try await gate.pass(); return []
        }
      ])
    let engine = try await engine(modules: [module])
    let task = Task { try await engine.run(LuaChunk(name: "a", source: source)) }
    await gate.arrivals(1)
    task.cancel()
    let error = await #expect(throws: LuaError.self) { try await task.value }
    #expect(error?.code == .cancelled)
    #expect(try await engine.run(LuaChunk(name: "b", source: "return 1")) == [1])
  }

  @Test func cancellingEndsALoop() async throws {
    let started = AsyncStream<Void>.makeStream()
    let module = LuaModule(
      name: "m",
      functions: [
        .sync("started") { _ in
          started.continuation.yield(); return []
        }
      ])
    let engine = try await engine(modules: [module])
    let task = Task { try await engine.run(LuaChunk(name: "a", source: "m.started() while true do end")) }
    for await _ in started.stream { break }
    engine.cancel()
    let error = await #expect(throws: LuaError.self) { try await task.value }
    #expect(error?.code == .cancelled)
  }

  @Test func nothingRunsAfterAStop() async throws {
    let output = Output()
    let engine = try await engine(limits { $0.instructions = 50_000 }, output: output)
    let source = """
      local c <close> = setmetatable({}, { __close = function() print('closed') end })
      xpcall(function() while true do end end, function() print('handler') end)
      print('after')
      """
    await #expect(throws: LuaError.self) { try await engine.run(LuaChunk(name: "a", source: source)) }
    #expect(output.string == "")
  }

  @Test func aScriptNeverLeavesItsThread() async throws {
    let threads = Mutex<Set<pthread_t>>([])
    let module = LuaModule(
      name: "m",
      functions: [
        .sync("note") { _ in
          threads.withLock { _ = $0.insert(pthread_self()) }
          return []
        },
        .async("later") { _ in
          await Task.yield()
          return []
        },
      ])
    let engine = try await engine(modules: [module])
    let source = "for i = 1, 20 do m.note() m.later() table.sort({ 2, 1 }, function() m.later() m.note() end) end"
    for _ in 1...3 { _ = try await engine.run(LuaChunk(name: "a", source: source)) }
    #expect(threads.withLock { $0.count } == 1)
  }

  @Test func severalEnginesRunAtOnce() async throws {
    let results = try await withThrowingTaskGroup(of: Int64?.self) { group in
      for i in 0..<8 {
        group.addTask {
          try await run("local s = 0 for i = 1, 20000 do s = s + host.now(i) end return s + host.later(\(i))").first?
            .integerValue
        }
      }
      return try await group.reduce(into: Set<Int64?>()) { $0.insert($1) }
    }
    #expect(results == Set((0..<8).map { 200_010_000 + $0 }))
  }

  @Test func aSecondRunAtOnceIsRefusedAndAClosedEngineToo() async throws {
    let gate = Gate()
    let module = LuaModule(
      name: "gate",
      functions: [
        .async("pass") { _ in
          try await gate.pass(); return []
        }
      ])
    let engine = try await engine(modules: [module])
    let chunk = LuaChunk(name: "a", source: "gate.pass()")
    async let first = engine.run(chunk)
    await gate.arrivals(1)
    await #expect(throws: LuaError.self) { try await engine.run(chunk) }
    gate.openOne()
    _ = try await first
    await engine.close()
    await #expect(throws: LuaError.self) { try await engine.run(chunk) }
  }
}
