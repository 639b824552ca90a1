import Synchronization

/// How a run ended: settled once, by the run or by who gives up on it.
final class RunOutcome: Sendable {
  private struct State {
    var result: Result<[LuaValue], any Error>?
    var waiter: CheckedContinuation<[LuaValue], any Error>?
  }

  private let state = Mutex(State())

  /// Whether this result is the one: later ones are dropped. `first` runs before anybody can see the result.
  @discardableResult func settle(_ result: Result<[LuaValue], any Error>, first: () -> Void = {}) -> Bool {
    let (isFirst, waiter) = state.withLock { state -> (Bool, CheckedContinuation<[LuaValue], any Error>?) in
      guard state.result == nil else { return (false, nil) }
      first()
      state.result = result
      return (true, state.waiter)
    }
    waiter?.resume(with: result)
    return isFirst
  }

  /// One caller may wait.
  var value: [LuaValue] {
    get async throws {
      try await withCheckedThrowingContinuation { continuation in
        let result = state.withLock { state in
          state.waiter = continuation
          return state.result
        }
        if let result { continuation.resume(with: result) }
      }
    }
  }
}
