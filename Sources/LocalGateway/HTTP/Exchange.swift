internal import GatewayAPI
internal import Synchronization

/// What becomes known of a request while it is answered; in the end a line of the request log.
final class Exchange: Sendable {
  struct Facts: Sendable {
    var operation: String?
    /// Who asks, never a secret: `access key local`, `token`.
    var caller: String?
    /// The error code of the answer.
    var code: String?
    /// The first of them: the log is kept in memory, and a batch may change a thousand.
    var changedAPIs: [String] = []
    /// How many there are in all.
    var changedAPICount = 0
    var changedEnvironment: String?
    /// The injected fault that decided about the answer.
    var fault: String?
    /// Whether the connection ends here, without an answer.
    var isDropped = false
  }

  /// `X-Request-Id` of the answer.
  let id = Identifier.random()
  let start = ContinuousClock.now
  private let noted = Mutex(Facts())

  var facts: Facts { noted.withLock { $0 } }

  func note(_ change: (inout Facts) -> Void) { noted.withLock { change(&$0) } }

  func note(_ changed: ChangedResources) {
    note { facts in
      facts.changedAPIs = Array(changed.apis.prefix(RequestLog.maximumChangedAPIs))
      facts.changedAPICount = changed.apis.count
      facts.changedEnvironment = changed.environment
    }
  }
}
