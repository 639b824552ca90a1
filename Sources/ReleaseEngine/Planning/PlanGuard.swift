public import GatewayAPI
internal import Synchronization

/// Holds a run to its plan: each change is compared before it is sent; what is not in the plan, or is there once and
/// comes twice, is refused. Fewer changes are fine.
public final class PlanGuard: Sendable {
  private struct State: Sendable {
    /// Places in the plan's changes that the run has come to.
    var taken: Set<Int> = []
    var takenOthers: Set<Int> = []
    /// The planned IDs of versions being made, by API and environment.
    var making: [[String?]: String] = [:]
    /// The IDs that planned IDs became.
    var made: [String: String] = [:]
    var refusal: GatewayError?
  }

  /// What a change does to one API, as far as its request tells.
  private struct Step {
    let action: PlannedChange.Action
    let apiID: String
    let environmentID: String?
    var versionID: String?
  }

  private let plan: ReleasePlan
  private let state = Mutex(State())

  public init(_ plan: ReleasePlan) { self.plan = plan }

  /// The first change that was refused; nil while none was.
  public var refusal: GatewayError? { state.withLock { $0.refusal } }

  /// To be called before a change is sent, once for each, and not for what puts changes back.
  ///
  /// - Parameters:
  ///   - gateway: is asked which APIs a group holds, for a batch that names only the group.
  ///   - name: what it is called here.
  /// - Throws: `GatewayError` of kind `stale` for a change that is not in the plan.
  public func check(_ operation: some GatewayOperation, on gateway: any Gateway, named name: String) async throws {
    let descriptor = type(of: operation).descriptor
    guard descriptor.effect == .write else { return }
    guard name == plan.gateway.name else {
      let refusal = Self.refusal(
        "the plan changes nothing on \(name)", operation: descriptor.name, api: operation.values["api_id"])
      state.withLock { $0.refusal = $0.refusal ?? refusal }
      throw refusal
    }
    guard let steps = try await steps(of: operation, gateway) else {
      try checkOther(operation, descriptor)
      return
    }
    try state.withLock { state throws(GatewayError) in
      var taken = state.taken
      var making = state.making
      for step in steps {
        guard let place = place(of: step, taken: taken, made: state.made) else {
          let refusal = refusal(step)
          state.refusal = state.refusal ?? refusal
          throw refusal
        }
        taken.insert(place)
        if case .made(let id) = plan.changes[place].to, step.action == .publish {
          making[[step.apiID, step.environmentID]] = id
        }
      }
      state.taken = taken
      state.making = making
    }
  }

  /// To be told of every API that the run changed: which version it is that the plan could not name.
  public func note(_ change: APIChange) {
    guard let id = change.after.id else { return }
    state.withLock { state in
      guard let planned = state.making.removeValue(forKey: [change.apiID, change.environmentID]) else { return }
      state.made[planned] = id
    }
  }

  private func steps(of operation: any GatewayOperation, _ gateway: any Gateway) async throws -> [Step]? {
    switch operation {
    case let publish as Publish:
      return [Step(action: .publish, apiID: publish.apiID, environmentID: publish.environmentID)]
    case let offline as Offline:
      return [Step(action: .offline, apiID: offline.apiID, environmentID: offline.environmentID)]
    case let change as SwitchVersion:
      return [
        Step(
          action: .switchVersion, apiID: change.apiID, environmentID: change.environmentID,
          versionID: change.versionID)
      ]
    case let batch as Batch:
      var apiIDs = batch.apiIDs
      if apiIDs == nil {
        var list = ListAPIs()
        list.groupID = batch.groupID
        apiIDs = try await gateway.all(list).items.compactMap(\.id)
      }
      return Set(apiIDs ?? []).sorted().map {
        Step(action: batch.action == .offline ? .offline : .publish, apiID: $0, environmentID: batch.environmentID)
      }
    default: return nil
    }
  }

  private func place(of step: Step, taken: Set<Int>, made: [String: String]) -> Int? {
    plan.changes.indices.first { index in
      let change = plan.changes[index]
      guard !taken.contains(index), !change.isUndo, change.action == step.action, change.apiID == step.apiID,
        step.environmentID == nil || change.environmentID == nil || change.environmentID == step.environmentID
      else { return false }
      guard let versionID = step.versionID else { return true }
      return switch change.to {
      case .none: change.failure != nil
      case .kept(let id, _): id == versionID
      case .made(let id): made[id] == versionID
      }
    }
  }

  private func checkOther(_ operation: some GatewayOperation, _ descriptor: OperationDescriptor) throws(GatewayError) {
    let digest = ContentDigest.hex(Document.object(operation.values).json)
    try state.withLock { state throws(GatewayError) in
      let place = plan.otherChanges.indices.first { index in
        !state.takenOthers.contains(index) && plan.otherChanges[index].operation == descriptor.name
          && plan.otherChanges[index].digest == digest
      }
      guard let place else {
        let refusal = Self.refusal(
          "the plan has no such \(descriptor.name)", operation: descriptor.name, api: operation.values["api_id"])
        state.refusal = state.refusal ?? refusal
        throw refusal
      }
      state.takenOthers.insert(place)
    }
  }

  private func refusal(_ step: Step) -> GatewayError {
    let same = plan.changes.filter {
      $0.action == step.action && $0.apiID == step.apiID && $0.environmentID == step.environmentID && !$0.isUndo
    }
    let name = plan.changes.first { $0.apiID == step.apiID }?.apiName ?? step.apiID
    let what: String
    if same.isEmpty {
      what = "the plan has no \(step.action.rawValue) of \(name)"
    } else if step.action == .switchVersion {
      let versions = same.map { plan.label(of: $0.to) }.joined(separator: ", ")
      what = "the plan switches \(name) to \(versions), not to \(step.versionID ?? "?")"
    } else {
      what = "the plan has \(step.action.rawValue) of \(name) \(same.count == 1 ? "once" : "\(same.count) times")"
    }
    return Self.refusal(what, operation: step.action.rawValue, api: .string(name))
  }

  private static func refusal(_ what: String, operation: String, api: Document?) -> GatewayError {
    GatewayError(
      kind: .stale, message: "\(what): nothing of this call was sent",
      hint: "the script went another way than when it was planned; plan it again and look at the difference",
      operation: operation, api: api?.stringValue)
  }
}

extension ReleasePlan {
  /// A version for people.
  public func label(of version: PlannedVersion) -> String {
    switch version {
    case .none: "offline"
    case .kept(let id, let number): number ?? id
    case .made(let id): labels[id] ?? id
    }
  }
}
