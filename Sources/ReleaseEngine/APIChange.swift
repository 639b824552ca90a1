public import GatewayAPI

/// What a run did to one API in one environment.
public struct APIChange: Sendable, Hashable {
  /// Where an API of a run ends.
  public enum State: String, Sendable, Hashable, CaseIterable {
    case unchanged
    case changed
    case failed
    /// It was changed, and runs again what it ran before.
    case undone
    /// It was changed, and could not be put back.
    case undoFailed = "undo_failed"
    /// A change was sent and its answer lost.
    case unknown
  }

  /// The gateway's name in the run.
  public internal(set) var gateway: String
  public internal(set) var apiID: String
  public var apiName: String?
  public var environmentID: String?
  public var environmentName: String?
  /// The operation that touched it last.
  public var operation: String
  /// What the environment ran when the run first looked.
  public var before: RunningVersion
  /// What it runs now.
  public var after: RunningVersion
  public var state: State
  /// What went wrong; the undo's failure where that is the state.
  public var error: GatewayError? {
    get {
      if case .error(let error) = failure { error } else { nil }
    }
    set { failure = newValue.map(Failure.error) ?? .none }
  }
  /// What else is to be said: that an undo was not exact.
  public var note: String?

  /// Of many thousand changes few have one, and it is as large as all the rest.
  private indirect enum Failure: Sendable, Hashable {
    case none
    case error(GatewayError)
  }
  private var failure = Failure.none

  public init(
    gateway: String, apiID: String, apiName: String? = nil, environmentID: String?, environmentName: String? = nil,
    operation: String,
    before: RunningVersion, after: RunningVersion, state: State, error: GatewayError? = nil
  ) {
    self.gateway = gateway
    self.apiID = apiID
    self.apiName = apiName
    self.environmentID = environmentID
    self.environmentName = environmentName
    self.operation = operation
    self.before = before
    self.after = after
    self.state = state
    self.error = error
  }
}

extension APIChange {
  /// Takes the texts that are the same from another change of the API: a long run holds each of them once.
  mutating func share(_ other: APIChange) {
    if gateway == other.gateway { gateway = other.gateway }
    if apiID == other.apiID { apiID = other.apiID }
    if apiName == other.apiName { apiName = other.apiName }
    if environmentID == other.environmentID { environmentID = other.environmentID }
    if environmentName == other.environmentName { environmentName = other.environmentName }
    if operation == other.operation { operation = other.operation }
  }

  /// The change as the journal keeps it, beside the gateway of its intent.
  var document: Document {
    var members: [String: Document] = [
      "api_id": .string(apiID), "operation": .string(operation), "before": before.document, "after": after.document,
      "state": .string(state.rawValue),
    ]
    for case (let name, let text?) in [
      "api_name": apiName, "env_id": environmentID, "env_name": environmentName,
    ] { members[name] = .string(text) }
    if let error { members["error"] = error.document }
    return .object(members)
  }

  init?(document: Document, gateway: String) {
    guard let apiID = document["api_id"]?.stringValue, let operation = document["operation"]?.stringValue,
      let state = document["state"]?.stringValue.flatMap(State.init(rawValue:))
    else { return nil }
    self.init(
      gateway: gateway, apiID: apiID, apiName: document["api_name"]?.stringValue,
      environmentID: document["env_id"]?.stringValue,
      environmentName: document["env_name"]?.stringValue, operation: operation,
      before: RunningVersion(document: document["before"] ?? .null),
      after: RunningVersion(document: document["after"] ?? .null), state: state,
      error: document["error"].flatMap(GatewayError.init(document:)))
  }
}
