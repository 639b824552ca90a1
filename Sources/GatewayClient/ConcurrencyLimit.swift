internal import DequeModule
internal import Synchronization

/// So many places, given in the order they were asked for.
final class ConcurrencyLimit: Sendable {
  private struct State {
    var free: Int
    var nextID: UInt64 = 0
    var waiters: Deque<Waiter> = []
    /// Cancelled before they came to wait.
    var abandoned: Set<UInt64> = []
  }

  private struct Waiter {
    let id: UInt64
    let continuation: CheckedContinuation<Void, any Error>
  }

  private let state: Mutex<State>

  init(_ places: Int) { state = Mutex(State(free: max(1, places))) }

  /// Waits for a place, runs the operation, and gives the place back.
  ///
  /// - Throws: `CancellationError` when the task is cancelled while it waits; what the operation throws.
  func withPlace<Value: Sendable>(_ operation: () async throws -> Value) async throws -> Value {
    try await take()
    defer { release() }
    return try await operation()
  }

  private func take() async throws {
    try Task.checkCancellation()
    let id = state.withLock { state -> UInt64? in
      if state.free > 0 {
        state.free -= 1
        return nil
      }
      defer { state.nextID += 1 }
      return state.nextID
    }
    guard let id else { return }
    defer { state.withLock { _ = $0.abandoned.remove(id) } }
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
        enqueue(Waiter(id: id, continuation: continuation))
      }
    } onCancel: {
      abandon(id)
    }
  }

  private func enqueue(_ waiter: Waiter) {
    let result = state.withLock { state -> Result<Void, any Error>? in
      if state.abandoned.remove(waiter.id) != nil { return .failure(CancellationError()) }
      // A place may have come free between asking and waiting.
      if state.free > 0 {
        state.free -= 1
        return .success(())
      }
      state.waiters.append(waiter)
      return nil
    }
    if let result { waiter.continuation.resume(with: result) }
  }

  /// The place goes straight to the one who has waited longest.
  private func release() {
    let next = state.withLock { state -> Waiter? in
      guard let waiter = state.waiters.popFirst() else {
        state.free += 1
        return nil
      }
      return waiter
    }
    next?.continuation.resume()
  }

  private func abandon(_ id: UInt64) {
    let waiter = state.withLock { state -> Waiter? in
      guard let index = state.waiters.firstIndex(where: { $0.id == id }) else {
        // Not waiting yet, or served already.
        state.abandoned.insert(id)
        return nil
      }
      return state.waiters.remove(at: index)
    }
    waiter?.continuation.resume(throwing: CancellationError())
  }
}
