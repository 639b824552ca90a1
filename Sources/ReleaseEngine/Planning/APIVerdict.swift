public import GatewayAPI

/// What a plan says of one API in one environment: exactly one of four.
public struct APIVerdict: Sendable, Hashable {
  public enum Outcome: Sendable, Hashable {
    case willChange
    /// Nothing would be done, it would end as it began, or it would be put back.
    case noChange
    case wouldFail(GatewayError)
    case cannotKnow(CannotKnowUntilApply)
  }

  /// How what the plan changes could be put back.
  public enum Undo: Sendable, Hashable {
    /// By a switch to the version in effect now.
    case switchBack
    /// It is not published now: by taking it offline.
    case takeOffline
    /// By a switch, which publishes again where the gateway does so; else published and switched, which shows the
    /// draft for seconds.
    case publishAgain
    /// The version in effect now would be pushed out by later ones.
    case impossible
  }

  public let apiID: String
  public var apiName: String?
  public let environmentID: String?
  public var environmentName: String?
  /// The operation that would touch it last.
  public let action: PlannedChange.Action
  public let from: PlannedVersion
  public let to: PlannedVersion
  public let outcome: Outcome
  /// nil where nothing would change.
  public let undo: Undo?
  /// Versions that the gateway would no longer keep, as their numbers.
  public let drops: [String]
  /// "release.lua:14", of the last operation.
  public let place: String?
}

extension PlanningGateway {
  /// What the plan says of each API that the script would change, in the order in which it first would.
  ///
  /// - Parameters:
  ///   - end: what ended the plan early, if something did.
  ///   - mark: what was planned before it is left out, and what it made is what runs now; nil for the whole plan.
  public func verdicts(endedBy end: CannotKnowUntilApply? = nil, since mark: Mark? = nil) -> [APIVerdict] {
    var order: [[String?]] = []
    var changesByTarget: [[String?]: [PlannedChange]] = [:]
    for change in changes[(mark?.changes ?? 0)...] {
      let target = [change.apiID, change.environmentID]
      if changesByTarget[target] == nil { order.append(target) }
      changesByTarget[target, default: []].append(change)
    }
    return order.compactMap { target in
      changesByTarget[target].flatMap { verdict($0, isPart: mark != nil, endedBy: end) }
    }
  }

  private func verdict(
    _ changes: [PlannedChange], isPart: Bool, endedBy end: CannotKnowUntilApply?
  ) -> APIVerdict? {
    guard let first = changes.first, let last = changes.last else { return nil }
    let state = first.environmentID.flatMap { overlay[Key(first.apiID, $0)] }
    let from = isPart ? first.from : state?.initiallyEffective ?? first.from
    let to = state?.effective ?? last.to
    let outcome: APIVerdict.Outcome =
      if let end, end.apiID == first.apiID {
        .cannotKnow(end)
      } else if from != to {
        .willChange
      } else if let failure = changes.last(where: { $0.failure != nil })?.failure,
        !changes.contains(where: { $0.failure == nil })
      {
        .wouldFail(failure)
      } else {
        .noChange
      }
    let isChanged = outcome == .willChange
    return APIVerdict(
      apiID: first.apiID, apiName: first.apiName ?? last.apiName, environmentID: first.environmentID,
      environmentName: last.environmentName, action: last.action, from: from, to: to, outcome: outcome,
      undo: isChanged ? undo(from: from, to: to, state) : nil,
      drops: changes.filter { $0.failure == nil }.flatMap(\.drops), place: last.place)
  }

  private func undo(from: PlannedVersion, to: PlannedVersion, _ state: OverlaidAPI?) -> APIVerdict.Undo {
    guard let id = from.id else { return .takeOffline }
    guard state?.keeps(id) ?? true else { return .impossible }
    return to == .none ? .publishAgain : .switchBack
  }
}
