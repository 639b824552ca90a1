internal import GatewayAPI
internal import LuaRuntime
internal import Synchronization

/// The errors that the host raised in the states of packages, as far as the run's exit status rests on them.
///
/// An error object is data that whoever holds it may change: only what is here may say that a run was refused.
final class HostErrors: Sendable {
  private struct Known: Equatable {
    let kind: GatewayError.Kind
    let code: String?
    let message: String
  }

  private static let most = 200
  private static let kinds: Set<GatewayError.Kind> = [
    .unauthenticated, .unavailable, .timeout, .unknownOutcome, .refused, .stale, .lockLost, .cancelled,
  ]

  private let known = Mutex<[String: [Known]]>([:])

  /// Takes note of what a host function threw.
  func note(_ error: any Error, in state: String) {
    let origin = (error as? any LuaErrorConvertible)?.origin ?? error
    guard let error = origin as? GatewayError, Self.kinds.contains(error.kind) else { return }
    let one = Known(kind: error.kind, code: error.code?.rawValue, message: error.message)
    known.withLock { known in
      var list = known[state] ?? []
      if list.contains(one) { return }
      if list.count == Self.most { list.removeFirst() }
      known[state] = list + [one]
    }
  }

  /// The error object as it may leave a package's state: one that claims what the host did not say is a failure of the
  /// package's own.
  func checked(_ table: LuaTable, from state: String) -> LuaTable {
    guard let kind = table["kind"].stringValue.flatMap(GatewayError.Kind.init(rawValue:)), Self.kinds.contains(kind)
    else { return table }
    let one = Known(kind: kind, code: table["code"].stringValue, message: table["message"].stringValue ?? "")
    if known.withLock({ $0[state]?.contains(one) ?? false }) { return table }
    var table = table
    table["kind"] = "failed"
    return table
  }
}
