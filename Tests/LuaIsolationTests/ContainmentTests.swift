import Glibc
import LuaIsolation
import LuaRuntime
import Testing

/// What an engine in the process cannot contain.
@Suite(.timeLimit(.minutes(5))) struct ContainmentTests {
  /// Single steps of the interpreter that take quadratic time.
  static let bombs = [
    """
    local M = (2^18 - 1) * (2^19 - 1) // 1 | 0
    local t = {}
    for i = 1, 2^19 do t[i * M] = true end
    """,
    """
    local N = 70000
    local tabs, order, lo, hi = {}, {}, 1, N
    for i = 1, N do if i % 2 == 1 then order[i] = lo lo = lo + 1 else order[i] = hi hi = hi - 1 end end
    for i = 1, N do local m = {} tabs[i] = setmetatable({}, m) m.__mode = 'k' end
    local first = {}
    local k = first
    for i = 1, N do local nk = {} tabs[order[i]][k] = nk k = nk end
    k = nil
    collectgarbage()
    """,
    """
    local c = function() return 1 end
    for i = 1, 2e5 do c = setmetatable({}, {__call = c}) end
    pcall(c)
    """,
  ]

  @Test(arguments: bombs) func theDeadlineEndsABomb(_ source: String) async throws {
    let error = try await failure("\(source) while true do end", in: engine(limits { $0.deadline = .seconds(1) }))
    #expect(error.limit == .time)
    #expect(error.message == "the deadline of 1.0 seconds was reached")
  }

  @Test(arguments: bombs) func theLimitOfTimeInLuaEndsABomb(_ source: String) async throws {
    let error = try await failure("\(source) while true do end", in: engine(limits { $0.luaTime = .milliseconds(500) }))
    #expect(error.limit == .time)
    #expect(error.message == "the time limit of 0.5 seconds in Lua was reached")
  }

  /// Calls that wait don't make a bomb immortal: its processor time ends it.
  @Test func aBombBesideAWaitingCallEnds() async throws {
    let source = """
      tools.each({ 1, 2 }, 2, 'raise', function(i)
        if i == 1 then host.forever() end
        local c = print
        for i = 1, 4e5 do c = setmetatable({}, { __call = c }) end
        c()
      end)
      """
    let error = try await failure(source, in: engine(limits { $0.luaTime = .milliseconds(500) }))
    #expect(error.limit == .time)
  }

  /// Arguments of calls that wait are held here, not there.
  @Test func whatWaitingCallsHoldIsBounded() async throws {
    let source = """
      local text, list = ('x'):rep(500000), {}
      for i = 1, 2000 do list[i] = i end
      tools.each(list, 2000, 'raise', function() host.forever(text) end)
      """
    let small = limits {
      $0.memory = 4 << 20
      $0.valueBytes = 1 << 20
    }
    let error = try await failure(source, in: engine(small))
    #expect(error.limit == .memory)
  }

  /// Stock 5.4.4 crashes of these; whatever happens to them here, it is an answer.
  @Test(arguments: [
    """
    local prev = false
    for i = 1, 20000 do
      local p = prev
      prev = coroutine.create(function()
        local c <close> = setmetatable({}, {__close = function() if p then coroutine.close(p) end end})
        coroutine.yield()
      end)
      coroutine.resume(prev)
    end
    pcall(coroutine.close, prev)
    """,
    "local f = load('local a = {} a._ENV = a; local x = a' .. ('._ENV'):rep(1e5) .. '.x + 1') if f then pcall(f) end",
    """
    local mm = {}
    local mt = setmetatable({ __newindex = {} }, mm)
    mm.__mode = 'v'
    local t = setmetatable({}, mt)
    for j = 1, 1e7 do t[j] = j end
    """,
  ])
  func knownCrashesOfTheInterpreterHarmNobody(_ source: String) async throws {
    let engine = engine(limits { $0.memory = 16 << 20 })
    do {
      _ = try await engine.run(chunk(source))
    } catch let error as LuaError {
      #expect([.limit, .runtime, .interpreterCrashed].contains(error.code))
    }
    #expect(try await engine.run(chunk("return 1")) == [1])
  }

  static let signals: [(Int32, String)] = [
    (SIGSEGV, "the Lua interpreter crashed (SIGSEGV); the run was isolated, so nothing else was harmed"),
    (SIGABRT, "the Lua interpreter crashed (SIGABRT); the run was isolated, so nothing else was harmed"),
    (
      SIGKILL, "the isolated Lua process was killed from outside (SIGKILL): by hand, or by a system short of memory"
    ),
  ]

  @Test(arguments: signals) func aWorkerThatDiesIsAnError(_ signal: Int32, _ message: String) async throws {
    let (started, cancelled) = (Event(), Event())
    let name = "lw\(getpid())-\(signal)"
    let module = LuaModule(
      name: "m",
      functions: [
        .async("wait") { _ in
          defer { cancelled.happen() }
          started.happen()
          try await Task.sleep(for: .seconds(3600))
          return []
        }
      ])
    let worker = try WorkerLink(named: name)
    let engine = engine(modules: [module], worker: worker.worker)
    let run = Task { try await engine.run(chunk("m.wait()")) }
    await started.wait()
    let process = try #require(worker.process)
    #expect(getpgid(process) == process)  // out of Ctrl-C's way
    kill(process, signal)
    let error = await #expect(throws: LuaError.self) { try await run.value }
    #expect(error?.code == .interpreterCrashed)
    #expect(error?.message == message)
    await cancelled.wait()
  }

  @Test func aWorkerDiesWithItsParent() async throws {
    let link = try WorkerLink(named: "lw-orphan")
    await #expect(processExitsWith: .signal(SIGKILL)) {
      let module = LuaModule(
        name: "m",
        functions: [
          .async("orphan") { _ in
            raise(SIGKILL)
            return []
          }
        ])
      let engine = engine(
        limits { $0.luaTime = nil }, modules: [module, toolsModule],
        worker: LuaWorker(executable: WorkerLink.path("lw-orphan")))
      // The second task computes: it would not see that the channel ends.
      let source = """
        tools.each({ 1, 2 }, 2, 'raise', function(i)
          if i == 1 then m.orphan() end
          while true do end
        end)
        """
      _ = try await engine.run(chunk(source))
    }
    while link.process != nil { await Task.yield() }
  }

  @Test func aConfinedProcessIsRefusedEverything() async throws {
    let output = Output()
    let engine = engine(worker: .impostor("try"), output: output)
    _ = try await engine.run(chunk(""))
    #expect(
      output.string == """
        open: refused
        write a file: refused
        socket: refused
        dup: refused
        kill: refused
        execute memory: refused
        spawn: refused
        thread: refused
        a gigabyte: refused

        """)
  }

  @Test func theWorkerTellsWhatConfinesIt() async throws {
    let confinement = try await LuaWorker.forTests.confinement()
    #expect(confinement.hasResourceLimits)
    #expect(confinement.hasSystemCallFilter)
  }

  /// In a process of its own, because other tests open descriptors, too.
  @Test func nothingIsLeftBehind() async {
    await #expect(processExitsWith: .success) {
      let engine = engine(limits { $0.deadline = .milliseconds(200) })
      let missing = LuaWorker(executable: "/nowhere")
      func runs(_ count: Int) async {
        for i in 0..<count {
          _ = try? await engine.run(chunk(["return 1", "error('x')", "host.forever()", "host.stop()"][i % 4]))
          _ = try? await LuaIsolationTests.engine(worker: missing).run(chunk(""))
          _ = try? await LuaIsolationTests.engine(worker: .impostor("say", "00", "exit")).run(chunk(""))
        }
      }
      await runs(4)
      let before = openDescriptors
      await runs(50)
      let after = openDescriptors
      #expect(after == before)
      #expect(waitpid(-1, nil, WNOHANG) == -1 && errno == ECHILD)
    }
  }
}
