internal import GatewayAPI
internal import ReleaseEngine
internal import RunJournal

/// Says of each change that is about to be sent whether it may be.
protocol ChangeAdmission: Sendable {
  /// - Throws: ``GatewayError`` for what may not be sent.
  func admit(_ operation: any GatewayOperation, on gateway: any Gateway, named name: String) async throws

  /// Is told of each draft that was edited, and when the gateway says so.
  func noteEdit(of apiID: String, at time: String)
}

/// Lets through what a plan holds, and uses the plan up with the first change.
actor PlanAdmission: ChangeAdmission {
  private let plan: ReleasePlan
  private let store: JournalOpening
  private let run: String
  private let planGuard: PlanGuard
  private var isUsed = false

  /// - Parameter run: the run that carries the plan out.
  init(_ plan: ReleasePlan, store: @escaping JournalOpening, run: String) {
    self.plan = plan
    self.store = store
    self.run = run
    planGuard = PlanGuard(plan)
  }

  /// The first change that was refused.
  nonisolated var refusal: GatewayError? { planGuard.refusal }

  nonisolated func note(_ event: RunEvent) {
    if case .didChange(let change, _) = event { planGuard.note(change) }
  }

  nonisolated func noteEdit(of apiID: String, at time: String) { planGuard.noteEdit(of: apiID, at: time) }

  /// - Throws: ``GatewayError`` of kind `stale` for what is not in the plan, and when another run has used it.
  func admit(_ operation: any GatewayOperation, on gateway: any Gateway, named name: String) async throws {
    try await planGuard.check(operation, on: gateway, named: name)
    guard !isUsed else { return }
    if let earlier = try await store().usePlan(plan.useKey, in: run, now: .now()), earlier != run {
      throw plan.usedError(by: earlier)
    }
    isUsed = true
  }

  /// A run that found nothing left to change, because another run had carried the plan out meanwhile, is not the plan's.
  ///
  /// - Throws: ``GatewayError`` of kind `stale`; `JournalError`.
  func refuseUsedByAnother() async throws {
    guard !isUsed, let other = try await store().userOfPlan(plan.useKey), other != run else { return }
    throw plan.usedError(by: other)
  }
}

extension ReleasePlan {
  /// Why it cannot be applied any more.
  func usedError(by run: String) -> GatewayError {
    GatewayError(
      kind: .stale, message: "plan \(id) was used by run \(run): a plan is good for one run; nothing was sent",
      hint: "apig-lua status \(run) tells how that went; to release again, plan again")
  }
}
