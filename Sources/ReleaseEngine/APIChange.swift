public import GatewayAPI

/// What a run did to one API in one environment.
public struct APIChange: Sendable, Hashable {
  /// Where an API of a run ends.
  public enum State: String, Sendable, Hashable {
    case unchanged
    case changed
    case failed
    /// A change was sent and its answer lost.
    case unknown
  }

  public let apiID: String
  public var apiName: String?
  public var environmentID: String?
  public var environmentName: String?
  /// The operation that touched it last.
  public var operation: String
  /// What the environment ran when the run first looked.
  public var before: RunningVersion
  public var after: RunningVersion
  public var state: State
  public var error: GatewayError?
}

/// Which version an environment runs, as far as the run knows.
public enum RunningVersion: Sendable, Hashable {
  /// The run did not look.
  case notRead
  /// The API is not published there.
  case none
  case version(id: String, number: String?)

  public var id: String? {
    guard case .version(let id, _) = self else { return nil }
    return id
  }

  public var number: String? {
    guard case .version(_, let number) = self else { return nil }
    return number
  }
}
