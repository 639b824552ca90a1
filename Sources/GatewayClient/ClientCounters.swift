internal import Metrics
internal import Synchronization

/// Counts what a client does: for the run's own report, and for the program's metrics system as `apig.client.retries`,
/// `apig.client.throttled` and `apig.client.joined.writes`.
final class ClientCounters: Sendable {
  private let state = Mutex(ClientStatistics())
  private let retries = Counter(label: "apig.client.retries")
  private let throttled = Counter(label: "apig.client.throttled")
  private let joinedWrites = Counter(label: "apig.client.joined.writes")

  var statistics: ClientStatistics { state.withLock { $0 } }

  func count(isRetry: Bool) {
    if isRetry { retries.increment() }
    state.withLock {
      $0.requests += 1
      if isRetry { $0.retries += 1 }
    }
  }

  func countThrottled() {
    throttled.increment()
    state.withLock { $0.throttled += 1 }
  }

  func countJoined(_ writes: Int) {
    joinedWrites.increment(by: writes)
    state.withLock { $0.joinedWrites += writes }
  }
}
