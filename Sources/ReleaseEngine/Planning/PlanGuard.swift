public import GatewayAPI
internal import Synchronization

/// Holds a run to its plan: each change is compared before it is sent; what is not in the plan, or is there once and
/// comes twice, is refused. Fewer changes are told by ``left``.
public final class PlanGuard: Sendable {
  private struct State: Sendable {
    /// Places in the plan's changes that the run has come to.
    var taken: Set<Int> = []
    var takenOthers: Set<Int> = []
    /// The planned IDs of versions being made, by API and environment.
    var making: [[String?]: String] = [:]
    /// The IDs that planned IDs became.
    var made: [String: String] = [:]
    /// When the run itself edited drafts, by API.
    var edits: [String: String] = [:]
    var refusal: GatewayError?
    /// What may come now: places in the plan's changes, and in its other changes.
    var part: (changes: Range<Int>, others: Range<Int>)
  }

  /// What a change does to one API, as far as its request tells.
  private struct Step {
    let action: PlannedChange.Action
    let apiID: String
    let environmentID: String?
    var versionID: String?
  }

  private let plan: ReleasePlan
  private let looksAgain: Bool
  private let state: Mutex<State>

  /// - Parameter looksAgain: whether what a change rests on is looked at once more, right before it is sent.
  public init(_ plan: ReleasePlan, looksAgain: Bool = false) {
    self.plan = plan
    self.looksAgain = looksAgain
    state = Mutex(State(part: (plan.changes.indices, plan.otherChanges.indices)))
  }

  /// From now on only a part of the plan may come.
  ///
  /// - Parameters:
  ///   - changes: places in the plan's changes.
  ///   - others: places in its other changes.
  public func restrict(to changes: Range<Int>, others: Range<Int>) {
    state.withLock { $0.part = (changes, others) }
  }

  /// The first change that was refused; nil while none was.
  public var refusal: GatewayError? { state.withLock { $0.refusal } }

  /// What of the part that may come has not come, in words; what puts back or would fail is not meant.
  public var left: [String] {
    state.withLock { state in
      state.part.changes.filter { index in
        !state.taken.contains(index) && !plan.changes[index].isUndo && plan.changes[index].failure == nil
      }.map { index in
        let change = plan.changes[index]
        let place = (change.environmentName ?? change.environmentID).map { " in \($0)" } ?? ""
        return "\(change.action.rawValue) of \(change.apiName ?? change.apiID)\(place)"
      }
        + state.part.others.filter { !state.takenOthers.contains($0) }.map { index in
          let change = plan.otherChanges[index]
          return "\(change.operation) of \(change.apiName ?? change.apiID ?? "?")"
        }
    }
  }

  /// To be called before a change is sent, once for each, and not for what puts changes back.
  ///
  /// - Parameters:
  ///   - gateway: is asked which APIs a group holds, for a batch that names only the group.
  ///   - name: what it is called here.
  /// - Throws: `GatewayError` of kind `stale` for a change that is not in the plan, or rests on what has moved; what
  ///   looking again throws.
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
      try await look(changes: [], others: [try checkOther(operation, descriptor)], descriptor.name, gateway)
      return
    }
    let places = try state.withLock { state throws(GatewayError) in
      var places: [Int] = []
      var taken = state.taken
      var making = state.making
      for step in steps {
        guard let place = place(of: step, in: state.part.changes, taken: taken, made: state.made) else {
          let refusal = refusal(step)
          state.refusal = state.refusal ?? refusal
          throw refusal
        }
        taken.insert(place)
        places.append(place)
        if case .made(let id) = plan.changes[place].to, step.action == .publish {
          making[[step.apiID, step.environmentID]] = id
        }
      }
      state.taken = taken
      state.making = making
      return places
    }
    try await look(changes: places, others: [], descriptor.name, gateway)
  }

  /// To be told of every API that the run changed: which version it is that the plan could not name.
  public func note(_ change: APIChange) {
    guard change.state == .changed, let id = change.after.id else { return }
    state.withLock { state in
      guard let planned = state.making.removeValue(forKey: [change.apiID, change.environmentID]) else { return }
      state.made[planned] = id
    }
  }

  /// To be told of every draft that the run edited.
  ///
  /// - Parameter time: as the gateway's answer has it, RFC 3339.
  public func noteEdit(of apiID: String, at time: String) { state.withLock { $0.edits[apiID] = time } }

  /// Looks whether what planned changes rest on is still what the plan read, or what the run has made of it since.
  private func look(changes: [Int], others: [Int], _ operation: String, _ gateway: any Gateway) async throws {
    guard looksAgain else { return }
    var part = plan
    state.withLock { state in
      part.reads = changes.compactMap { expectedRead(of: $0, state) }
      part.otherChanges = others.map { place in
        var other = plan.otherChanges[place]
        other.draftUpdate = other.apiID.flatMap { state.edits[$0] } ?? other.draftUpdate
        return other
      }
    }
    guard let finding = try await PlanCheck(part, on: gateway).findings().first else { return }
    let refusal = GatewayError(
      kind: .stale, message: "the plan is stale: \(finding); nothing of this call was sent",
      hint: "plan it again, on what runs now", operation: operation)
    state.withLock { $0.refusal = $0.refusal ?? refusal }
    throw refusal
  }

  /// What is to be found right before a change.
  private func expectedRead(of place: Int, _ state: State) -> PlannedRead? {
    let change = plan.changes[place]
    let isSame = { (apiID: String, environmentID: String?) in
      apiID == change.apiID && environmentID == change.environmentID
    }
    guard var read = plan.reads.first(where: { isSame($0.apiID, $0.environmentID) }) else { return nil }
    if plan.changes[..<place].contains(where: { isSame($0.apiID, $0.environmentID) && $0.failure == nil }) {
      read.publishID = nil
      read.effectiveID = change.from.id.map { state.made[$0] ?? $0 }
      read.effectiveNumber = change.from.id.map { _ in plan.label(of: change.from) }
    }
    read.draftUpdate = change.action == .publish ? state.edits[change.apiID] ?? read.draftUpdate : nil
    read.neededVersions = []
    if change.action == .switchVersion, case .kept(let id, _) = change.to { read.neededVersions = [id] }
    return read
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

  private func place(
    of step: Step, in part: Range<Int>, taken: Set<Int>, made: [String: String]
  ) -> Int? {
    part.first { index in
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

  /// - Returns: its place in the plan's other changes.
  private func checkOther(
    _ operation: some GatewayOperation, _ descriptor: OperationDescriptor
  ) throws(GatewayError) -> Int {
    let digest = ContentDigest.hex(Document.object(operation.values).json)
    return try state.withLock { state throws(GatewayError) in
      let place = state.part.others.first { index in
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
      return place
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
