internal import GatewayAPI

/// How an API stood when a plan was made, in an environment that the plan changes: what must not have moved.
public struct PlannedRead: Sendable, Hashable {
  public let apiID: String
  public let apiName: String?
  /// Where to look for it again in few pages.
  public let groupID: String?
  public let environmentID: String
  public let environmentName: String?
  /// When the draft was last edited, RFC 3339; nil when the plan does not take the draft.
  public internal(set) var draftUpdate: String?
  /// The version in effect; nil when none is.
  public internal(set) var effectiveID: String?
  public internal(set) var effectiveNumber: String?
  /// What tells that publication from the next, as the list gives it; nil when the list does not.
  public internal(set) var publishID: String?
  /// Versions that the plan switches to, which must still be kept.
  public internal(set) var neededVersions: [String]
}

extension PlanningGateway {
  /// What the planned changes rest on.
  public func reads() -> [PlannedRead] {
    overlay.sorted { ($0.key.environmentID, $0.key.apiID) < ($1.key.environmentID, $1.key.apiID) }.compactMap {
      key, state in
      // What would fail is looked at again, too: it might work by then.
      let changes = changes.filter { $0.apiID == key.apiID && $0.environmentID == key.environmentID }
      guard !changes.isEmpty else { return nil }
      let api = seen[key.apiID]
      let takesDraft = changes.contains { $0.action == .publish }
      let needed = changes.compactMap { change in
        if change.action == .switchVersion, case .kept(let id, _) = change.to { id } else { nil }
      }
      return PlannedRead(
        apiID: key.apiID, apiName: api?.name, groupID: api?.groupID, environmentID: key.environmentID,
        environmentName: state.environmentName, draftUpdate: takesDraft ? api?.updateTime : nil,
        effectiveID: state.initial.effectiveID,
        effectiveNumber: state.initial.versions.first { $0.id == state.initial.effectiveID }?.number,
        publishID: api?.publishing(in: key.environmentID)?.publishID, neededVersions: needed)
    }
  }

  /// How many APIs the plan has seen in lists.
  public var seenCount: Int { seen.count }
}
