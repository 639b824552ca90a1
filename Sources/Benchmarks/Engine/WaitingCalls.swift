import CBenchmarkFloors
import LuaRuntime
import Synchronization

/// Coroutines that wait for host functions, all at once.
enum WaitingCalls {
  static func measure(_ count: Int64) async throws -> Measurement {
    let gate = Gate(expected: Int(count))
    let module = LuaModule(
      name: "host",
      functions: [
        .async("wait") { _ in
          await gate.pass()
          return []
        }
      ],
      prelude: "local host = ... return { wait = host.wait, each = host.each }")
    let engine = try await LuaEngine.limited(modules: [module])
    let chunk = LuaChunk(
      name: "wait.lua",
      source: """
        local list = {}
        for i = 1, ... do list[i] = i end
        host.each(list, #list, 'raise', function() host.wait() end)
        """)
    let before = floor_heap_bytes()
    let resident = ProcessMemory.residentBytes
    let watch = Stopwatch()
    async let end = engine.run(chunk, arguments: [.integer(count)])
    await gate.full()
    let bytes = (Int(floor_heap_bytes()) - Int(before)) / Int(count)
    let residentBytes = (ProcessMemory.residentBytes - resident) / Int(count)
    gate.open()
    _ = try await end
    return Measurement(watch.spent, count: count, bytes: bytes, residentBytes: residentBytes)
  }

  /// Holds everybody until it is opened.
  private final class Gate: Sendable {
    private struct State {
      var waiting: [CheckedContinuation<Void, Never>] = []
      var watcher: CheckedContinuation<Void, Never>?
    }

    private let expected: Int
    private let state = Mutex(State())

    init(expected: Int) { self.expected = expected }

    func pass() async {
      await withCheckedContinuation { continuation in
        let watcher = state.withLock { state in
          state.waiting.append(continuation)
          return state.waiting.count == expected ? state.watcher : nil
        }
        watcher?.resume()
      }
    }

    /// Returns when all have come.
    func full() async {
      await withCheckedContinuation { continuation in
        let isFull = state.withLock { state in
          state.watcher = continuation
          return state.waiting.count == expected
        }
        if isFull { continuation.resume() }
      }
    }

    func open() {
      let waiting = state.withLock { $0.waiting }
      for continuation in waiting { continuation.resume() }
    }
  }
}
