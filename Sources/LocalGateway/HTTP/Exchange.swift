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
    var changedAPIs: [String] = []
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

  var facts: Facts { noted.withLock(\.self) }

  func note(_ change: (inout Facts) -> Void) { noted.withLock { change(&$0) } }

  func note(_ changed: ChangedResources) {
    note { facts in
      facts.changedAPIs = changed.apis
      facts.changedEnvironment = changed.environment
    }
  }
}

/// What a successful write changed, read off the request and its answer.
struct ChangedResources {
  private(set) var apis: [String] = []
  private(set) var environment: String?

  init(_ call: Call, _ reply: Reply) {
    let answer: Document? = if case .json(let document) = reply.body { document } else { nil }
    if let succeeded = answer?["success"]?.arrayValue {
      apis = succeeded.compactMap { ($0["api_id"] ?? $0["id"])?.stringValue }
    } else if let id = call.text("api_id") ?? answer?["api_id"]?.stringValue {
      apis = [id]
    } else if answer?["group_id"] != nil, let id = answer?["id"]?.stringValue {
      // Only an API has both.
      apis = [id]
    }
    environment = call.text("env_id") ?? answer?["env_id"]?.stringValue
  }
}
