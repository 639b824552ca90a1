/// What a client tells while it works, for a log or a person.
public enum ClientEvent: Sendable {
  /// The gateway refused a request for being one too many.
  ///
  /// - Parameters:
  ///   - stated: the limit that its answer names.
  ///   - pause: how long it asks to wait.
  case throttled(operation: String, stated: RequestRate?, pause: Duration?)
  /// A request is sent again after a wait; `reason` is what the last try came to.
  case retrying(operation: String, tries: Int, delay: Duration, reason: String)
  /// So many concurrent publishes or offlines went out as one batch.
  case joined(action: String, count: Int)
}
