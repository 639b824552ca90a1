internal import GatewayAPI
internal import ReleaseEngine
internal import Synchronization

/// The time of a test: the system's, ahead of it by all that was waited for. Waiting takes none.
final class VirtualTime: Sendable {
  private let ahead = Mutex(Duration.zero)

  /// All that was waited for so far.
  var waited: Duration { ahead.withLock(\.self) }

  func now() -> Timestamp { Timestamp.now() + waited }

  func advance(by duration: Duration) { ahead.withLock { $0 += max(.zero, duration) } }

  /// - Throws: `CancellationError`.
  func sleep(_ duration: Duration) async throws {
    try Task.checkCancellation()
    advance(by: duration)
    // Whoever waits in a circle lets the others have a turn.
    await Task.yield()
  }

  var monotonic: MonotonicTime {
    var time = MonotonicTime()
    time.now = { .now + self.waited }
    time.sleep = { try await self.sleep($0) }
    return time
  }
}

/// Where a test's runs find their gateway and their time.
struct RunBench: Sendable {
  let gateway: RunningLocalGateway
  let time: VirtualTime
}
