import Glibc
import LuaRuntime
import Testing

/// Nothing grows with use. Memory is the process's, so no other suite may run meanwhile: scripts/soak runs this one
/// alone, and with larger numbers.
@Suite(
  .serialized, .timeLimit(.minutes(10)),
  .enabled(if: Soak.factor > 0, "measures the whole process: run by scripts/soak"))
struct SoakTests {
  /// Repeats `work`, and compares the least that was resident in the second half of the rounds with the least in the
  /// first: what a round leaves free but scattered goes up and down.
  private func expectNoGrowth(_ name: String, rounds: Int = 2, _ work: () async throws -> Void) async throws {
    var resident: [Int] = []
    for _ in 1...2 * rounds {
      try await work()
      resident.append(Soak.residentBytes)
    }
    print("soak: \(name): KiB resident after each round: \(resident.map { $0 / 1024 })")
    let before = try #require(resident.prefix(rounds).min()), after = try #require(resident.suffix(rounds).min())
    #expect(after - before < 2 << 20, "\(name): \(resident)")
  }

  @Test func hostCallsThatAnswerAtOnce() async throws {
    let engine = try await engine()
    let count = 100_000 * Soak.factor
    try await expectNoGrowth("\(count) host calls") {
      let results = try await engine.run(
        LuaChunk(name: "a", source: "local s = 0 for i = 1, ... do s = s + host.now({ i, 'x' })[1] end return s"),
        arguments: [.integer(Int64(count))])
      #expect(results == [.integer(Int64(count) * Int64(count + 1) / 2)])
    }
    #expect(await engine.memory.used < 1024 * 1024)
  }

  @Test func hostCallsThatFail() async throws {
    let engine = try await engine()
    let count = 10_000 * Soak.factor
    try await expectNoGrowth("\(count) failing host calls") {
      _ = try await engine.run(
        LuaChunk(name: "a", source: "for i = 1, ... do pcall(host.fail) end"), arguments: [.integer(Int64(count))])
    }
  }

  @Test func hostCallsThatAnswerLater() async throws {
    let engine = try await engine()
    let count = 10_000 * Soak.factor
    try await expectNoGrowth("\(count) host calls that suspend") {
      _ = try await engine.run(
        LuaChunk(name: "a", source: "for i = 1, ... do assert(host.later(i) == i) end"),
        arguments: [.integer(Int64(count))])
    }
  }

  @Test func coroutinesThatWaitAtOnce() async throws {
    let count = 1000 * Soak.factor
    let gate = Gate()
    let module = LuaModule(
      name: "gate",
      functions: [
        .async("pass") { call in
          try await gate.pass()
          return call.arguments
        }
      ])
    let engine = try await engine(modules: [module, toolsModule])
    let source = """
      local list = {}
      for i = 1, ... do list[i] = i end
      local r = tools.each(list, #list, 'raise', function(i)
        return coroutine.wrap(function() return gate.pass(i) end)()
      end)
      for i = 1, ... do assert(r[i] == i) end
      """
    // Five rounds see 40 bytes kept per coroutine.
    try await expectNoGrowth("\(count) coroutines waiting at once", rounds: 5) {
      async let end = engine.run(LuaChunk(name: "a", source: source), arguments: [.integer(Int64(count))])
      await gate.arrivals(count)
      for _ in 0..<count { gate.openOne() }
      _ = try await end
    }
    #expect(gate.most == count)
  }

  @Test func enginesOneAfterTheOther() async throws {
    let count = 100 * Soak.factor
    try await expectNoGrowth("\(count) engines one after the other") {
      for _ in 0..<count {
        let results = try await run("local t = {} for i = 1, 1000 do t[i] = { i } end return host.later(#t)")
        #expect(results == [1000])
      }
    }
  }

  @Test func aScriptHasOneThread() async throws {
    let gate = Gate()
    let module = LuaModule(
      name: "gate",
      functions: [
        .async("pass") { _ in
          try await gate.pass()
          return []
        }
      ])
    // The pool's threads are there once something has suspended on them.
    _ = try await run("tools.each({ 1, 2, 3, 4 }, 4, 'raise', host.later)")
    let engines = 8
    let before = Soak.threads
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<engines {
        group.addTask {
          let engine = try await engine(modules: [module])
          _ = try await engine.run(LuaChunk(name: "a", source: "gate.pass()"))
        }
      }
      await gate.arrivals(engines)
      let during = Soak.threads
      print("soak: \(before) threads before, \(during) while \(engines) scripts wait")
      // The pool of the tasks may still be growing to one thread per core.
      #expect(during - before <= engines + sysconf(Int32(_SC_NPROCESSORS_ONLN)))
      for _ in 0..<engines { gate.openOne() }
      try await group.waitForAll()
    }
  }
}

/// What the kernel says of this process.
private enum Soak {
  /// 1: what a debug build does in seconds; 10: a million host calls, ten thousand coroutines, a thousand engines.
  static var factor: Int { getenv("APIG_LUA_SOAK").flatMap { Int(String(cString: $0)) } ?? 0 }
  /// Without what malloc keeps for later.
  static var residentBytes: Int {
    if let symbol = dlsym(nil, "malloc_trim") {
      _ = unsafeBitCast(symbol, to: (@convention(c) (Int) -> Int32).self)(0)
    }
    return status("VmRSS:") * 1024
  }

  static var threads: Int { status("Threads:") }

  private static func status(_ name: String) -> Int {
    let file = open("/proc/self/status", O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return 0 }
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: 8192)
    let count = bytes.withUnsafeMutableBytes { read(file, $0.baseAddress, $0.count) }
    let text = String(decoding: bytes.prefix(max(count, 0)), as: UTF8.self)
    for line in text.split(separator: "\n") where line.hasPrefix(name) {
      return line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) } ?? 0
    }
    return 0
  }
}
