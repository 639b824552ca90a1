import Synchronization

/// What host functions answered, on the way to the engine's thread. One per run.
final class Mailbox: Sendable {
  typealias Completion = HostOperation.Completion

  private struct State {
    var completions: [Completion] = []
    var isStopped = false
    /// Whether the engine's thread waits in place.
    var isBlocked = false
    var waiter: CheckedContinuation<Void, Never>?
  }

  private let state = Mutex(State())
  let thread: LuaThread

  init(of thread: LuaThread) { self.thread = thread }

  func post(_ completion: Completion) { change { $0.completions.append(completion) } }

  /// The run is to end: nobody waits from now on.
  func stop() { change { $0.isStopped = true } }

  private func change(_ body: (inout sending State) -> Void) {
    let (waiter, isBlocked) = state.withLock { state in
      body(&state)
      let waiter = state.waiter
      state.waiter = nil
      return (waiter, state.isBlocked)
    }
    waiter?.resume()
    if isBlocked { thread.wake() }
  }

  func take() -> [Completion] {
    state.withLock { state in
      let completions = state.completions
      state.completions = []
      return completions
    }
  }

  /// Returns when there is something to take, or the run is to end.
  func wait() async {
    await withCheckedContinuation { continuation in
      let isReady = state.withLock { state in
        if state.isStopped || !state.completions.isEmpty { return true }
        state.waiter = continuation
        return false
      }
      if isReady { continuation.resume() }
    }
  }

  /// The same, inside a job of the thread, which carries out tasks meanwhile.
  func waitInPlace() {
    thread.runTasks {
      state.withLock { state in
        state.isBlocked = !state.isStopped && state.completions.isEmpty
        return !state.isBlocked
      }
    }
  }
}
