import GatewayAPI

/// Which APIs of which environment an operation changes, read off its fields.
struct ChangeTargets: Sendable {
  let operation: String
  let apiIDs: [String]
  /// nil when only the version tells.
  let environmentID: String?
  let versionID: String?
  let takesOffline: Bool
  /// Whether the operation is about what an environment runs.
  let areReleased: Bool

  init<Operation: GatewayOperation>(of operation: Operation) {
    let values = operation.values
    let fixed = Operation.descriptor.fixedBody
    self.operation = Operation.descriptor.name
    if let apiID = values["api_id"]?.stringValue {
      apiIDs = [apiID]
    } else {
      apiIDs = (values["apis"]?.arrayValue ?? []).compactMap(\.stringValue)
    }
    environmentID = values["env_id"]?.stringValue
    versionID = values["version_id"]?.stringValue
    areReleased = Operation.Output.self == Publication.self || Operation.Output.self == BatchResult.self
    takesOffline = (values["action"] ?? fixed["action"]) == "offline"
  }
}

/// How an operation that changes something ended.
enum ChangeOutcome: Sendable {
  case published(Publication)
  case batch(BatchResult)
  /// It succeeded and says nothing of versions.
  case other
  case failed(GatewayError)

  init(of output: some OperationOutput) {
    if let publication = output as? Publication {
      self = .published(publication)
    } else if let result = output as? BatchResult {
      self = .batch(result)
    } else {
      self = .other
    }
  }
}
