internal import Synchronization

/// Counts what a client does.
final class ClientCounters: Sendable {
  private let state = Mutex(ClientStatistics())

  var statistics: ClientStatistics { state.withLock { $0 } }

  func count(isRetry: Bool) {
    state.withLock {
      $0.requests += 1
      if isRetry { $0.retries += 1 }
    }
  }

  func countThrottled() { state.withLock { $0.throttled += 1 } }
  func countJoined(_ writes: Int) { state.withLock { $0.joinedWrites += writes } }
}
