internal import GatewayAPI

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
