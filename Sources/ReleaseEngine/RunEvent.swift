/// What a run tells while it goes on.
public enum RunEvent: Sendable {
  /// An operation that changes something is about to be sent, for so many APIs.
  case willChange(operation: String, count: Int, environmentID: String?)
  /// Such an operation came to its end, good or bad; every ``didChange(_:)`` of it came before.
  case didEndChange(operation: String, count: Int)
  /// One API of it is done: changed, failed, unknown, undone, or not to be undone.
  case didChange(APIChange)
  /// The answer of a change was lost; the gateway is asked what became of it.
  case willSettle(operation: String, reason: String)
  /// So many APIs are about to be put back.
  case willUndo(count: Int)
}
