import GatewayAPI
import GatewayScripting
import ReleaseEngine
import RunJournal
import Synchronization

/// A clock that stands still but for those who wait by it.
final class VirtualClock: Sendable {
  static let start = Timestamp(seconds: 1_795_000_000)

  private let state = Mutex<(now: Timestamp, waits: [Duration])>((start, []))

  var now: Timestamp { state.withLock { $0.now } }

  /// Every wait so far.
  var waits: [Duration] { state.withLock { $0.waits } }

  func advance(by duration: Duration) {
    state.withLock { state in
      let (seconds, attoseconds) = duration.components
      let nanoseconds = Int64(state.now.nanoseconds) + attoseconds / 1_000_000_000
      state.now = Timestamp(
        seconds: state.now.seconds + seconds + nanoseconds / 1_000_000_000,
        nanoseconds: Int32(nanoseconds % 1_000_000_000))
    }
  }

  func sleep(_ duration: Duration) async throws {
    try Task.checkCancellation()
    state.withLock { $0.waits.append(duration) }
    advance(by: duration)
  }
}

extension ScriptHarness {
  /// The same by another clock.
  func going(by clock: VirtualClock, replaying entries: [JournalEntry] = []) -> Self {
    var harness = self
    harness.recorder = RunRecorder(replaying: entries) { clock.now }
    harness.surroundings.sleep = { try await clock.sleep($0) }
    return harness
  }
}
