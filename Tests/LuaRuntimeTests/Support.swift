import LuaRuntime
import Synchronization
import Testing

/// Lines a script printed.
final class Output: Sendable {
  private let text = Mutex("")
  var string: String { text.withLock { $0 } }
  func append(_ line: LuaString) { text.withLock { $0 += line.description } }
}

/// Holds host calls until the test lets them go, in any order.
final class Gate: Sendable {
  private struct State {
    var waiting: [CheckedContinuation<Void, any Error>] = []
    var watchers: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
    var isCancelled = false
    var most = 0
  }

  private let state = Mutex(State())

  func pass() async throws {
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        let (isCancelled, ready) = state.withLock { state in
          if !state.isCancelled {
            state.waiting.append(continuation)
            state.most = max(state.most, state.waiting.count)
          }
          let ready = state.watchers.filter { $0.count <= state.waiting.count }
          state.watchers.removeAll { $0.count <= state.waiting.count }
          return (state.isCancelled, ready)
        }
        if isCancelled { continuation.resume(throwing: CancellationError()) }
        for watcher in ready { watcher.continuation.resume() }
      }
    } onCancel: {
      let waiting = state.withLock { state in
        state.isCancelled = true
        let waiting = state.waiting
        state.waiting = []
        return waiting
      }
      for continuation in waiting { continuation.resume(throwing: CancellationError()) }
    }
  }

  /// Returns when `count` calls wait.
  func arrivals(_ count: Int) async {
    await withCheckedContinuation { continuation in
      let isReady = state.withLock { state in
        if state.waiting.count >= count { return true }
        state.watchers.append((count, continuation))
        return false
      }
      if isReady { continuation.resume() }
    }
  }

  /// Lets the newest caller go.
  func openOne() { state.withLock { $0.waiting.popLast() }?.resume() }

  var most: Int { state.withLock { $0.most } }
}

struct Refusal: Error, LuaErrorConvertible, Equatable {
  var code = "APIG.3002"
  var luaError: LuaTable {
    LuaTable(fields: [
      LuaField(key: "kind", value: "not_found"), LuaField(key: "code", value: .text(code)),
      LuaField(key: "message", value: "there is no such API"),
    ])
  }
}

struct Plain: Error, CustomStringConvertible {
  var description: String { "the disk is full" }
}

/// `host.now(…)` answers its arguments at once, `host.later(…)` after a suspension; the others fail.
let hostModule = LuaModule(
  name: "host",
  functions: [
    .sync("now") { $0.arguments },
    .async("later") { call in
      await Task.yield()
      return call.arguments
    },
    .sync("fail") { _ in throw Refusal() },
    .async("fail_later") { _ in throw Refusal() },
    .sync("fail_plain") { _ in throw Plain() },
    .sync("stop") { _ in throw LuaStop(Refusal(code: "stop")) },
    .async("stop_later") { _ in throw LuaStop(Refusal(code: "stop")) },
    .sync("where") { [$0.location.map { .text($0.description) } ?? .nil] },
  ])

/// host.each and its kin, as a prelude hands them out.
let toolsModule = LuaModule(
  name: "tools", functions: [.async("wait") { $0.arguments }],
  prelude: """
    local host = ...
    local Record = { __index = function(t, key) error("no field '" .. tostring(key) .. "'", 2) end }
    host.class("record", Record)
    local M = { each = host.each, freeze = host.freeze, where = host.where, error = host.error, wait = host.wait,
      raw_type = host.raw_type, class_name = host.class_name, list = host.freeze({ 10, 20, 30 }, "the list") }
    function M.call_where() return host.where() end
    function M.parallel(...)
      return host.each({ ... }, 1000, "raise", function(f) return f() end)
    end
    return M
    """)

func engine(
  _ limits: LuaLimits = .init(), modules: [LuaModule] = [hostModule, toolsModule], output: Output = Output(),
  moduleSource: LuaModuleSource? = nil
) async throws -> LuaEngine {
  try await LuaEngine(limits: limits, modules: modules, moduleSource: moduleSource) { output.append($0) }
}

func limits(_ change: (inout LuaLimits) -> Void) -> LuaLimits {
  var limits = LuaLimits()
  change(&limits)
  return limits
}

/// Runs `source` as `release.lua` in an engine of its own.
@discardableResult
func run(_ source: String, _ limits: LuaLimits = .init(), arguments: [LuaValue] = []) async throws -> [LuaValue] {
  try await engine(limits).run(LuaChunk(name: "release.lua", source: source), arguments: arguments)
}

/// The error `source` ends with.
func failure(
  _ source: String, _ limits: LuaLimits = .init(), modules: [LuaModule] = [hostModule, toolsModule],
  sourceLocation: SourceLocation = #_sourceLocation
) async throws -> LuaError {
  let engine = try await engine(limits, modules: modules)
  let error = await #expect(throws: LuaError.self, sourceLocation: sourceLocation) {
    try await engine.run(LuaChunk(name: "release.lua", source: source))
  }
  return try #require(error, sourceLocation: sourceLocation)
}
