internal import GatewayAPI

/// The failures that were the last word of a script's tasks: what a run that was stopped by one of them tries again.
struct TrailingFailures: Sendable {
  private var failures: [String: (sequence: Int64, error: GatewayError)] = [:]

  mutating func note(_ error: GatewayError, at sequence: Int64, in branch: String) {
    failures[branch] = (sequence, error)
  }

  /// The task has done something else since.
  mutating func clear(_ branch: String) { failures[branch] = nil }

  /// Where this error came from. On its way through the script it has learnt which call it belongs to.
  func entries(with error: GatewayError) -> [Int64] {
    failures.values.filter {
      $0.error.kind == error.kind && $0.error.code == error.code && $0.error.message == error.message
    }.map(\.sequence).sorted()
  }
}
