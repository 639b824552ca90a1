import GatewayAPI
internal import RunJournal

/// Which APIs of which environment an operation changes, read off its fields.
struct ChangeTargets: Sendable {
  let operation: String
  /// Of a group, as far as they were looked up.
  var apiIDs: [String]
  /// nil when only the version tells.
  var environmentID: String?
  let versionID: String?
  /// The group whose APIs are meant.
  let groupID: String?
  /// The groups that an operation names which is not about what an environment runs.
  let editedGroupIDs: [String]
  let takesOffline: Bool
  /// Whether the operation is about what an environment runs.
  let areReleased: Bool
  /// What is done, in a word: of a batch `publish` or `offline`.
  var action: String {
    guard operation == Batch.descriptor.name else { return operation }
    return takesOffline ? Offline.descriptor.name : Publish.descriptor.name
  }

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
    groupID = Operation.self == Batch.self ? values["group_id"]?.stringValue : nil
    areReleased = Operation.Output.self == Publication.self || Operation.Output.self == BatchResult.self
    editedGroupIDs =
      areReleased
      ? [] : [values["group_id"], values["definition"]?["group_id"]].compactMap { $0?.stringValue }
    takesOffline = (values["action"] ?? fixed["action"]) == "offline"
  }

  /// What was begun, as the journal has it; nil for what changes nothing.
  init?(ofIntent intent: JournalEntry) {
    guard let type = OperationCatalog.all.first(where: { $0.name == intent.operation }),
      type.descriptor.effect == .write,
      let operation = try? type.make(intent.body["arguments"]?["values"]?.objectValue ?? [:])
    else { return nil }
    self = ChangeTargets(of: operation).completed(by: intent.body["details"] ?? .null)
  }

  /// With what the journal keeps of them beside the operation itself.
  func completed(by details: Document) -> ChangeTargets {
    var targets = self
    if apiIDs.isEmpty { targets.apiIDs = (details["apis"]?.arrayValue ?? []).compactMap(\.stringValue) }
    targets.environmentID = environmentID ?? details["env_id"]?.stringValue
    return targets
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
