internal import Synchronization

/// Holds back changes that were not sent yet, while a person is asked what to do.
public final class ChangeGate: Sendable {
  private struct State {
    var isOpen = true
    /// Changes that have passed and are not done.
    var inside = 0
    var waiting: [UInt64: CheckedContinuation<Void, any Error>] = [:]
    var nextID: UInt64 = 0
  }

  private let state = Mutex(State())

  public init() {}

  /// Holds back every change from now on.
  public func close() { state.withLock { $0.isOpen = false } }

  /// Lets changes pass again, those that wait first.
  public func open() {
    let waiting = state.withLock { state in
      state.isOpen = true
      state.inside += state.waiting.count
      defer { state.waiting = [:] }
      return state.waiting
    }
    for continuation in waiting.values { continuation.resume() }
  }

  /// Whether a change is on its way.
  public var isBusy: Bool { state.withLock { $0.inside > 0 } }

  func leave() { state.withLock { $0.inside -= 1 } }

  /// Returns when changes may be sent; ``leave()`` follows.
  ///
  /// - Throws: `CancellationError`.
  func pass() async throws {
    let id = state.withLock { state in
      state.nextID += 1
      return state.nextID
    }
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
        let answer: Result<Void, any Error>? = state.withLock { state in
          if Task.isCancelled { return .failure(CancellationError()) }
          if state.isOpen {
            state.inside += 1
            return .success(())
          }
          state.waiting[id] = continuation
          return nil
        }
        if let answer { continuation.resume(with: answer) }
      }
    } onCancel: {
      state.withLock { $0.waiting.removeValue(forKey: id) }?.resume(throwing: CancellationError())
    }
  }
}
