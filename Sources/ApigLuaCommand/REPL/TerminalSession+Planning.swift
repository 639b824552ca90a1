internal import GatewayScripting
internal import Glibc
internal import LuaRuntime
internal import ReleaseEngine

/// Inputs that only show what they would do, and doing that.
extension TerminalSession {
  private static let planAgain = ".plan again plans what .plan lists, on what runs now; .plan off drops it"

  // MARK: - Planning

  func plan(_ argument: String) async throws {
    switch argument {
    case "" where engine.plan == nil, "on" where engine.plan == nil: try await beginPlan()
    case "", "on": tellPlan()
    case "off":
      guard let plan = engine.plan else { return show("inputs do what they say: nothing is planned") }
      await engine.endPlan()
      show(plan.inputs.isEmpty ? "inputs change things again" : "dropped what was planned: inputs change things again")
    case "again":
      guard let plan = engine.plan else { return show("inputs do what they say: nothing is planned") }
      try await planAgain(plan.inputs)
    default: throw UsageError(message: ".plan takes on, off or again, not '\(argument)'")
    }
  }

  /// - Throws: ``LuaError`` when there can be no state for it, `CancellationError`.
  func beginPlan() async throws {
    do { try await freshPlan() } catch {
      // What was typed behind it was meant for a plan.
      tcflush(STDIN_FILENO, TCIFLUSH)
      throw error
    }
    if !settings.isQuiet { show("inputs only show what they would do; .apply does it, .plan off drops it") }
  }

  /// Drops what is planned, and plans on what runs now.
  private func freshPlan() async throws {
    let outcome = try await engine.carryOut(under: signals) { [engine] in try await engine.beginPlan() }
    await tellLosses(hasLostState: outcome.hasLostState)
    let left = try outcome.result.get()
    guard !left.isEmpty else { return }
    show("not known to what is planned, for it cannot be copied: \(left.joined(separator: ", "))")
  }

  private func tellPlan() {
    guard let plan = engine.plan else { return }
    let changing = plan.inputs.filter(\.changesSomething)
    show(changing.isEmpty ? "nothing is planned yet" : "planned, in this order:")
    for input in changing { show("  \(input.title)") }
    if let obstacle = plan.obstacle { show("\(style.bad) it cannot be applied: \(obstacle)") }
  }

  /// - Throws: ``UsageError`` while inputs are only planned.
  func refuseWhilePlanning(_ command: String) throws {
    guard engine.plan != nil else { return }
    throw UsageError(
      message: "\(command) is of what was done, and inputs are only planned", hint: ".apply or .plan off first")
  }

  /// - Throws: ``UsageError`` when something is planned.
  func refuseWhilePlanned(_ command: String) throws {
    guard let plan = engine.plan, !plan.inputs.isEmpty || plan.obstacle != nil else { return }
    throw UsageError(
      message: "\(command) would leave what is planned for \(plan.gateway)", hint: ".apply or .plan off first")
  }

  /// Plans an input, and shows what it would do.
  ///
  /// - Returns: whether it worked.
  /// - Throws: ``LuaError`` when there can be no new state in place of a lost one.
  func planOut<Value: Sendable>(
    _ plan: SessionPlan, _ text: String?, _ form: InputForm, _ body: @escaping @Sendable () async throws -> Value,
    show display: (Value) -> Void
  ) async throws -> Bool {
    let environment = engine.place.environment
    let outcome = await plan.carryOut(under: signals, body)
    let findings = outcome.findings
    let (before, part) = (outcome.before, outcome.part)
    let input = PlannedInput(
      text: text ?? "", form: form, environment: environment,
      changes: before.changes..<before.changes + part.changes.count,
      others: before.otherChanges..<before.otherChanges + part.otherChanges.count,
      requests: outcome.requests)
    let foreign = findings.changedGateways.subtracting([plan.gateway]).sorted()
    if input.changesSomething || !foreign.isEmpty {
      StandardStream.error.write(
        PlanText(plan: part, findings: findings, settings: settings, style: style, plannedIDs: plan.plannedIDs)
          .bodyText)
    }
    var obstacle: String?
    if !foreign.isEmpty {
      obstacle =
        "'\(input.title)' changes \(foreign.joined(separator: ", ")) beside \(plan.gateway); a plan is for one gateway"
    } else if text == nil {
      // A script is not typed again, and what comes behind it may need what it left.
      obstacle = "a script is part of it; apig-lua plan SCRIPT --out FILE makes one that can be"
    } else if part.changes.contains(where: { $0.failure != nil }) {
      obstacle = "a change of '\(input.title)' would fail"
    }
    var isGood = false
    switch outcome.result {
    case .success(let value):
      isGood = true
      display(value)
    case .failure(let error):
      // What it left half-done among the globals is found by those behind it, and would not be when they are applied.
      obstacle = obstacle ?? "'\(input.title)' failed while it ran"
      if let exit = error as? ScriptExit {
        show(exit.text.map(\.withoutControlCharacters) ?? "the input would end the session")
      } else if outcome.wasStopped {
        show("\(style.bad) stopped")
      } else {
        report(error)
      }
    }
    if let obstacle { plan.spoil(obstacle) } else { plan.add(input) }
    if plan.console.isAbandoned {
      show("\(style.bad) the input could not be ended in itself: its variables are lost")
      try await freshPlan()
      engine.plan?.keep(plan.inputs, obstacle: obstacle ?? "its variables are lost")
    }
    if obstacle != nil || input.changesSomething, let obstacle = engine.plan?.obstacle {
      show("\(style.bad) the plan cannot be applied: \(obstacle)")
      show("  \(Self.planAgain)")
    }
    return isGood
  }

  // MARK: - Applying

  /// Does what was planned: evaluates the inputs again, in order, each where it was planned, and lets through what each
  /// was planned to do. The first that does otherwise ends it; it leaves the plan if it sent something, and those behind
  /// it stay, to be planned again.
  func apply() async throws {
    guard let plan = engine.plan else {
      throw UsageError(message: "nothing is planned: inputs do what they say", hint: ".plan on plans what is typed")
    }
    if let obstacle = plan.obstacle {
      throw UsageError(message: "the plan cannot be applied: \(obstacle)", hint: Self.planAgain)
    }
    guard plan.inputs.contains(where: \.changesSomething) else { return show("nothing is planned yet") }
    guard plan.gateway == engine.place.gateway else {
      throw UsageError(message: "the plan is for \(plan.gateway)", hint: ".gateway \(plan.gateway), or .plan off")
    }
    let signalled = signals.count
    let whole = await plan.plan()
    try refuseProtected(whole)
    guard try await isFresh(plan, whole) else { return }
    let environment = engine.place.environment
    engine.beginApplying(whole)
    signalsBeforeApply = signalled
    var rest = plan.inputs
    var good = 0
    var problem: String?
    var isPart = false
    while problem == nil, let input = rest.first {
      // Ctrl-C, or the journal is lost.
      if isOver || signals.count != signalled {
        problem = "stopped before '\(input.title)'"
        break
      }
      problem = await apply(input, of: plan)
      isPart = problem != nil && engine.admission.hasSent
      if problem == nil || isPart { rest.removeFirst() }
      if problem == nil, input.changesSomething { good += 1 }
    }
    // Until the rest is planned on what runs now, the old plan stands for it: nothing is done by mistake.
    plan.keep(rest, obstacle: "a part of it was applied, or tried")
    signalsBeforeApply = nil
    engine.endApplying(plan)
    engine.place.environment = environment
    isOver = isOver || signals.isEnd
    guard let problem else {
      show("\(style.good) applied: \(good) input\(good == 1 ? "" : "s")")
      return isOver ? () : try await freshPlan()
    }
    show("\(style.bad) \(good) applied; \(problem)")
    if isPart {
      show(
        "  it is no longer planned; what it did and did not undo stands: .plan off, then .undo, or type what is left")
    }
    guard let next = rest.first else { return }
    show("  still planned: \(rest.count) input\(rest.count == 1 ? "" : "s"), beginning with '\(next.title)'")
    show("  \(Self.planAgain)")
  }

  /// - Returns: what it did otherwise than planned; nil when it did just that.
  private func apply(_ input: PlannedInput, of plan: SessionPlan) async -> String? {
    engine.place.environment = input.environment
    let admission = engine.admission
    admission.restrict(to: input)
    if let moved = plan.movedModules.first { return moved }
    if input.changesSomething { show("applies: \(input.title)") }
    var isGood = false
    do {
      isGood = try await perform(
        expression(input.text), text: input.text, input.form, showsValue: input.changesSomething)
    } catch {
      report(error)
      // There was no new state to go on with.
      if engine.console.isAbandoned { isOver = true }
    }
    guard isGood else { return "'\(input.title)' \(admission.hasSent ? "did not come to its end" : "sent nothing")" }
    if let refusal = admission.refusal {
      // The input went on behind it.
      report(refusal)
      return "'\(input.title)' did something else than was planned"
    }
    if admission.hasFailed { return "a change of '\(input.title)' did not work" }
    let left = admission.left
    return left.isEmpty ? nil : "'\(input.title)' did not do all that was planned: no \(left.joined(separator: ", "))"
  }

  /// Whether what the plan rests on is what it was; says what is not.
  private func isFresh(_ plan: SessionPlan, _ whole: ReleasePlan) async throws -> Bool {
    let findings = try await engine.carryOut(under: signals) { try await plan.findings(whole) }.result.get()
    guard !findings.isEmpty else { return true }
    show("\(style.bad) the plan is stale: nothing was sent")
    for finding in findings { show("  \(finding.withoutControlCharacters)") }
    show("  \(Self.planAgain)")
    return false
  }

  /// - Throws: `GatewayError` of kind `refused` for what is protected, as long as that is only read.
  private func refuseProtected(_ plan: ReleasePlan) throws {
    guard !engine.place.isWriting else { return }
    for change in plan.changes {
      guard let id = change.environmentID,
        let profile = settings.gateways[plan.gateway.name]?.protectedEnvironment(
          id: id, name: change.environmentName ?? id)
      else { continue }
      throw SessionChangeReview.refusal(profile, on: plan.gateway.name)
    }
  }

  /// Plans inputs anew, on what runs now; when one cannot be planned any more, all of them stay listed.
  private func planAgain(_ inputs: [PlannedInput]) async throws {
    let environment = engine.place.environment
    defer { engine.place.environment = environment }
    try await freshPlan()
    for input in inputs {
      engine.place.environment = input.environment
      if input.changesSomething { show("plans: \(input.title)") }
      do {
        _ = try await perform(expression(input.text), text: input.text, input.form, showsValue: false)
      } catch {
        report(error)
        engine.plan?.spoil("'\(input.title)' cannot be planned any more")
      }
      guard let obstacle = engine.plan?.obstacle else { continue }
      engine.plan?.keep(inputs, obstacle: obstacle)
      return show("\(style.bad) not all of it can be planned now: all \(inputs.count) stay listed")
    }
  }
}
