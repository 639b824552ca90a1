import Synchronization

/// How a run ended: settled once, by the run or by who gives up on it.
final class RunOutcome: Sendable {
  private typealias Waiter = CheckedContinuation<Result<[LuaValue], any Error>, Never>

  private struct State {
    var result: Result<[LuaValue], any Error>?
    var waiter: Waiter?
  }

  private let state = Mutex(State())

  /// Whether this result is the one: later ones are dropped. `first` runs before anybody can see the result.
  @discardableResult func settle(_ result: Result<[LuaValue], any Error>, first: () -> Void = {}) -> Bool {
    let (isFirst, waiter) = state.withLock { state -> (Bool, Waiter?) in
      guard state.result == nil else { return (false, nil) }
      first()
      state.result = result
      return (true, state.waiter)
    }
    waiter?.resume(returning: result)
    return isFirst
  }

  /// One caller may wait.
  var result: Result<[LuaValue], any Error> {
    get async {
      await withCheckedContinuation { continuation in
        let result = state.withLock { state in
          state.waiter = continuation
          return state.result
        }
        if let result { continuation.resume(returning: result) }
      }
    }
  }
}
