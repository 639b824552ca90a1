import CLuaShims
import Glibc
@testable import LuaIsolation
import LuaRuntime
import Testing

/// A worker that the script has taken over can say anything; every run ends all the same, with an error.
@Suite(.timeLimit(.minutes(5))) struct ImpostorTests {
  private static func frame(_ kind: Int, _ body: (inout FrameWriter) -> Void = { _ in }) -> [UInt8] {
    var frame = FrameWriter(kind)
    body(&frame)
    return frame.finish()
  }

  private static let hello = frame(CLUA_FRAME_HELLO) {
    $0.number(UInt32(CLUA_WORKER_VERSION))
    $0.number(UInt32(3))
  }

  private static func call(
    _ function: UInt32, operation: UInt64 = 1, waits: Bool, branch: String = "", tape: [UInt8] = []
  ) -> [UInt8] {
    frame(CLUA_FRAME_CALL) {
      $0.number(function)
      $0.number(operation)
      $0.flag(waits)
      $0.number(UInt32(1))
      $0.text("a".utf8)
      $0.text(branch.utf8)
      $0.raw(tape)
    }
  }

  private static func end(
    module: UInt32 = .max, status: Int = CLUA_DONE, reason: Int = CLUA_STOP_NONE, tape: [UInt8] = []
  ) -> [UInt8] {
    frame(CLUA_FRAME_END) {
      $0.number(module)
      $0.number(Int32(status))
      $0.number(Int32(reason))
      $0.number(Int64(-1))
      $0.number(Int64(-1))
      $0.raw(tape)
    }
  }

  /// `host.now`, `host.later` and `host.forever`.
  private static let (sync, async, forever): (UInt32, UInt32, UInt32) = (0, 1, 7)
  private static let nested: [UInt8] = [1, 0, 0, 0] + (0..<500).flatMap { _ in [6, 1, 0, 0, 0] }

  static let violations: [String: [UInt8]] = [
    "no greeting": end(),
    "another version": frame(CLUA_FRAME_HELLO) {
      $0.number(UInt32(99)); $0.number(UInt32(0))
    },
    "a greeting cut short": frame(CLUA_FRAME_HELLO) { $0.number(UInt32(CLUA_WORKER_VERSION)) },
    "a greeting too long": frame(CLUA_FRAME_HELLO) { $0.raw([UInt8](repeating: 0, count: 9)) },
    "two greetings": hello + hello,
    "an unknown kind": hello + frame(7),
    "a frame of ours": hello + frame(CLUA_FRAME_ANSWER),
    "a frame of four gigabytes": hello + [255, 255, 255, 255, UInt8(CLUA_FRAME_CALL)],
    "an empty call": hello + frame(CLUA_FRAME_CALL),
    "a chunk name beyond the end": hello
      + frame(CLUA_FRAME_CALL) {
        $0.number(sync)
        $0.number(UInt64(1))
        $0.flag(true)
        $0.number(UInt32(1))
        $0.number(UInt32.max)
      },
    "a function that is none": hello + call(4711, waits: true),
    "a sync call that nobody waits for": hello + call(sync, waits: false),
    "operation 0": hello + call(async, operation: 0, waits: false),
    "one operation twice": hello + call(forever, waits: false) + call(forever, waits: false),
    "calls ahead of their answers": hello + call(sync, waits: true) + call(sync, waits: true),
    "a branch without end": hello + call(sync, waits: true, branch: String(repeating: "/1.1", count: 5000)),
    "a clock in a branch without end": hello
      + frame(CLUA_FRAME_CLOCK) {
        $0.number(UInt8(0))
        $0.number(0.0.bitPattern)
        $0.text(String(repeating: "/1.1", count: 5000).utf8)
      },
    "a tape cut short": hello + call(sync, waits: true, tape: [1, 0, 0, 0]),
    "a tape with a count beyond the end": hello + call(sync, waits: true, tape: [255, 255, 255, 255, 0]),
    "a tape with an unknown tag": hello + call(sync, waits: true, tape: [1, 0, 0, 0, 99]),
    "a tape nested too deep": hello + call(sync, waits: true, tape: nested),
    "a tape with more behind it": hello + call(sync, waits: true, tape: [1, 0, 0, 0, 0, 0]),
    "a clock without one": hello
      + frame(CLUA_FRAME_CLOCK) {
        $0.number(UInt8(0)); $0.number(UInt64(0)); $0.text("".utf8)
      },
    "a release of half an error": hello + frame(CLUA_FRAME_RELEASED) { $0.number(UInt32(1)) },
    "an empty end": hello + frame(CLUA_FRAME_END),
    "an end of no module": hello + end(module: 9, status: CLUA_ERROR),
    "an end of no status": hello + end(status: CLUA_WAITING),
    "an end for no reason": hello + end(status: CLUA_STOPPED, reason: CLUA_STOP_HOST),
    "an end of a damaged tape": hello + end(tape: [9, 9, 9]),
  ]

  private static func impostor(_ frames: [[UInt8]], then: String) -> LuaWorker {
    let words = frames.map { $0.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined() }
    return LuaWorker(executable: LuaWorker.forTests.executable, arguments: ["say"] + words + [then])
  }

  private func failure(_ frames: [[UInt8]], then: String, _ limits: LuaLimits = .init()) async throws -> LuaError {
    let engine = engine(limits, worker: Self.impostor(frames, then: then))
    let error = await #expect(throws: LuaError.self) { try await engine.run(chunk("return 1")) }
    return try #require(error)
  }

  @Test(arguments: violations.keys.sorted()) func aViolationKillsTheWorker(_ name: String) async throws {
    let error = try await failure([try #require(Self.violations[name])], then: "hang")
    #expect(error.code == .interpreterCrashed)
    #expect(error.message.hasPrefix("the isolated Lua process was killed: it sent "))
  }

  @Test(arguments: ["exit", "close"]) func anEndWithoutAResultIsAnError(_ then: String) async throws {
    for bytes in [Self.hello, Self.hello + [1, 0], Self.hello + Self.call(Self.async, waits: false)] {
      #expect(try await failure([bytes], then: then).code == .interpreterCrashed)
    }
    let error = try await failure([], then: then)
    #expect(error.code == .internalFailure)
    #expect(error.message.contains("did not become a Lua worker"))
  }

  @Test func aSilentWorkerIsKilled() async throws {
    let error = try await failure([Self.hello], then: "hang", limits { $0.luaTime = .milliseconds(10) })
    #expect(error.limit == .time)
    let other = try await failure(
      [Self.hello + Self.call(Self.forever, waits: false)], then: "hang", limits { $0.deadline = .milliseconds(500) })
    #expect(other.limit == .time)
    let mute = try await failure([], then: "hang", limits { $0.deadline = .milliseconds(500) })
    #expect(mute.limit == .time)
  }

  /// Words without end don't move the deadline, and what they would have us hold is bounded.
  @Test func aFloodEnds() async throws {
    let released = Self.frame(CLUA_FRAME_RELEASED) { $0.number(UInt64(1)) }
    let bounded = limits {
      $0.deadline = .seconds(1)
      $0.outputBytes = 1000
      $0.hostCalls = 1000
    }
    let output = Self.frame(CLUA_FRAME_OUTPUT) { $0.raw([UInt8](repeating: 120, count: 100)) }
    #expect(try await failure([Self.hello, released], then: "flood", bounded).limit == .time)
    #expect(try await failure([Self.hello, output], then: "flood", bounded).limit == .output)
  }

  @Test func resultsOfAnImpostorAreOnlyValues() async throws {
    let end = Self.end(status: CLUA_ERROR, tape: [1, 0, 0, 0, 0])
    let error = await #expect(throws: LuaError.self) {
      try await engine(worker: Self.impostor([Self.hello, end], then: "hang")).run(chunk(""))
    }
    #expect(error?.code == .internalFailure)
  }

  @Test func changedConversationsEnd() async throws {
    var random = Seeded(state: 1)
    let tape = TapeWriter(["text", ["a": [1, 2.5, true]]]).bytes
    let sound =
      Self.hello + Self.call(Self.sync, waits: true, tape: tape) + Self.call(Self.async, waits: false, tape: tape)
      + Self.end(tape: tape)
    for _ in 0..<60 {
      var changed = sound
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        changed[Int.random(in: 0..<sound.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
      }
      _ = try? await engine(worker: Self.impostor([changed], then: "exit")).run(chunk(""))
    }
    #expect(try await engine(worker: Self.impostor([sound], then: "hang")).run(chunk("")).count == 2)
  }

  private struct Seeded: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state ^ (state >> 29)
    }
  }

  @Test func aMissingProgramIsAnError() async throws {
    let error = await #expect(throws: LuaError.self) {
      try await engine(worker: LuaWorker(executable: "/nowhere/lua")).run(chunk(""))
    }
    #expect(error?.code == .internalFailure)
    #expect(error?.message.hasPrefix("the isolated Lua process can't be started: ") == true)
  }
}
