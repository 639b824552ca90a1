internal import GatewayAPI
internal import Synchronization

/// The gateway's time: real, or as an admin has set it.
///
/// Signatures are measured by the real time whatever is set here, so that clients need not move theirs.
final class GatewayClock: Sendable {
  enum Setting: Sendable, Hashable {
    case real
    /// Stands still.
    case standing(Timestamp)
    /// Runs on, so many microseconds off.
    case offset(Int64)
  }

  /// The time that nothing has been set for.
  let base: @Sendable () -> Timestamp
  private let current = Mutex(Setting.real)

  init(base: @escaping @Sendable () -> Timestamp) { self.base = base }

  var setting: Setting {
    get { current.withLock { $0 } }
    set { current.withLock { $0 = newValue } }
  }

  func now() -> Timestamp {
    switch setting {
    case .real: base()
    case .standing(let moment): moment
    case .offset(let microseconds): Timestamp(microseconds: base().microseconds + microseconds)
    }
  }
}

extension Timestamp {
  /// Microseconds since 1970, UTC.
  var microseconds: Int64 { seconds * 1_000_000 + Int64(nanoseconds / 1000) }

  init(microseconds: Int64) {
    let second = microseconds >= 0 ? microseconds / 1_000_000 : (microseconds - 999_999) / 1_000_000
    self.init(seconds: second, nanoseconds: Int32(microseconds - second * 1_000_000) * 1000)
  }
}

extension Duration {
  /// Whole microseconds.
  var microseconds: Int64 { components.seconds * 1_000_000 + components.attoseconds / 1_000_000_000_000 }
}
