public import GatewayAPI

/// What one API of one environment runs, as a plan tells it.
public enum PlannedVersion: Sendable, Hashable {
  /// It is not published there.
  case none
  case kept(id: String, number: String?)
  /// A version that exists only after apply, by its planned ID.
  case made(id: String)

  public var id: String? {
    switch self {
    case .none: nil
    case .kept(let id, _), .made(let id): id
    }
  }
}

/// One step of a plan: what an operation of the script would do to one API.
public struct PlannedChange: Sendable, Hashable {
  public enum Action: String, Sendable, Hashable, CaseIterable {
    case publish
    case offline
    case switchVersion = "switch_version"
  }

  public let action: Action
  public let apiID: String
  public var apiName: String?
  /// nil when the version that would tell it does not exist.
  public let environmentID: String?
  public var environmentName: String?
  public let from: PlannedVersion
  public let to: PlannedVersion
  /// The versions that the gateway would no longer keep, as their numbers.
  public var drops: [String] = []
  /// Why it would fail; nothing changes then.
  public var failure: GatewayError?
  /// Whether it puts back what an earlier one did.
  public let isUndo: Bool
  /// "release.lua:14"
  public let place: String?
}

/// A change that is not about what an environment runs: a draft.
public struct PlannedOtherChange: Sendable, Hashable {
  public let operation: String
  public let apiID: String?
  public var apiName: String?
  /// Digest of the operation's fields.
  public let digest: String
  /// When the draft was last edited before the plan, RFC 3339: what must not have moved; nil when nobody told.
  public internal(set) var draftUpdate: String?
  public let place: String?
}
