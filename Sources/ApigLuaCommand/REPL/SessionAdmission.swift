internal import GatewayAPI
internal import ReleaseEngine
internal import Synchronization

/// Lets through whatever a session changes, but while a plan of its inputs is applied: then what the plan has of the
/// input that runs, as long as nothing was refused and what it rests on has not moved.
final class SessionAdmission: ChangeAdmission {
  private struct State {
    /// nil while no plan is applied.
    var planGuard: PlanGuard?
    /// Requests elsewhere that the input may still send.
    var requests: [PlannedRequest] = []
    /// The first call beside the plan's changes that was refused.
    var refusal: GatewayError?
    var hasSent = false
    var hasFailed = false

    var firstRefusal: GatewayError? { planGuard?.refusal ?? refusal }

    /// - Parameters:
    ///   - title: of what the plan has not.
    ///   - operation: its name.
    mutating func refuse(_ title: String, operation: String) -> GatewayError {
      let new = GatewayError(
        kind: .stale, message: "the plan has no \(title): it was not sent",
        hint: "the input went another way than when it was planned", operation: operation)
      refusal = refusal ?? new
      return new
    }
  }

  private let state = Mutex(State())

  /// From now on nothing is let through but what inputs of a plan were planned to do.
  func begin(_ plan: ReleasePlan) { state.withLock { $0 = State(planGuard: PlanGuard(plan, looksAgain: true)) } }

  /// - Parameter input: the one that runs next.
  func restrict(to input: PlannedInput) {
    state.withLock { state in
      state.planGuard?.restrict(to: input.changes, others: input.others)
      state.requests = input.requests
      state.hasSent = false
      state.hasFailed = false
    }
  }

  /// From now on everything is let through.
  func end() { state.withLock { $0 = State() } }

  /// What was refused first since ``begin(_:)``; nil when nothing was.
  var refusal: GatewayError? { state.withLock(\.firstRefusal) }

  /// Whether something of the input was let through.
  var hasSent: Bool { state.withLock(\.hasSent) }

  /// Whether a change of the input did not work, or nobody knows.
  var hasFailed: Bool { state.withLock(\.hasFailed) }

  /// What was planned of the input and did not come, in words.
  var left: [String] { state.withLock { ($0.planGuard?.left ?? []) + $0.requests.map(\.title) } }

  /// Tells the plan which versions were made.
  func note(_ event: RunEvent) {
    guard case .didChange(let change, _) = event else { return }
    state.withLock { state in
      state.planGuard?.note(change)
      state.hasFailed = state.hasFailed || change.isBad
    }
  }

  func noteEdit(of apiID: String, at time: String) {
    state.withLock(\.planGuard)?.noteEdit(of: apiID, at: time)
  }

  func admit(_ operation: any GatewayOperation, on gateway: any Gateway, named name: String) async throws {
    guard let planGuard = state.withLock(\.planGuard) else { return }
    if let refusal { throw refusal }
    try await planGuard.check(operation, on: gateway, named: name)
    // Another call of the input may have been refused meanwhile.
    if let refusal { throw refusal }
    state.withLock { $0.hasSent = true }
  }

  /// - Throws: ``GatewayError`` of kind `stale` for a request that changes something elsewhere and was not planned.
  func admit(_ call: RecordedCall) throws {
    try state.withLock { state throws(GatewayError) in
      guard state.planGuard != nil else { return }
      if let refusal = state.firstRefusal { throw refusal }
      guard let index = state.requests.firstIndex(of: PlannedRequest(call)) else {
        throw state.refuse("such \(call.title)", operation: call.operation)
      }
      state.requests.remove(at: index)
      state.hasSent = true
    }
  }

  /// - Parameter function: of the gateway, as scripts call it.
  /// - Throws: ``GatewayError`` of kind `stale` for what no plan can hold: calling an API is asked for by nobody else.
  func admitCall(of function: String) throws {
    try state.withLock { state throws(GatewayError) in
      guard state.planGuard != nil, function == DebugAPI.descriptor.name else { return }
      throw state.refuse(function, operation: function)
    }
  }
}
