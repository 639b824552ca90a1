internal import GatewayAPI

/// Sending a batch until it is known what became of each of its APIs.
extension ReleaseRun {
  /// A batch on its way.
  private struct Dispatch {
    /// What is to be sent yet.
    var rest: Batch
    /// What became of the others.
    var total = BatchResult()
    /// How often it was sent.
    var tries = 0
    let undertaking: Undertaking

    /// Whether the gateway may have been asked for the same before.
    var isRepeated: Bool { tries > 1 || undertaking.begin.isResumed }
    var isDone: Bool { rest.apiIDs?.isEmpty ?? false }

    /// Sends only these; a group's batch that was settled goes on with its APIs by name.
    mutating func narrow(to apiIDs: [String]) {
      rest.groupID = nil
      rest.apiIDs = apiIDs
    }
  }

  /// Sends a batch; it is settled API by API, and what did not happen is sent again. Each API is entered in the account
  /// as soon as its end is known.
  ///
  /// - Throws: `GatewayError`, of kind `unknownOutcome` only when the gateway cannot be asked; `CancellationError`.
  func carryOut(_ batch: Batch, as undertaking: Undertaking) async throws -> BatchResult {
    let begin = undertaking.begin
    let order = batch.apiIDs ?? undertaking.targets.apiIDs
    var dispatch = Dispatch(rest: batch, undertaking: undertaking)
    var lost = begin.isResumed ? GatewayError(lostAt: begin.time, operation: Batch.descriptor.name) : nil
    while true {
      if let error = lost { try await settle(&dispatch, after: error) }
      if dispatch.isDone { return dispatch.total.ordered(as: order) }
      do {
        let result = try await send(&dispatch)
        // All of a group are meant, or all that were named are mentioned.
        if dispatch.rest.apiIDs == nil { return result }
        if dispatch.isDone { return dispatch.isRepeated ? dispatch.total.ordered(as: order) : result }
        lost = nil
      } catch let error as GatewayError {
        lost = error
      }
    }
  }

  /// Sends what is left of it, as much as one request may hold, and enters the answer.
  ///
  /// - Throws: `GatewayError`, of kind `unknownOutcome` also for an answer that does not mention all.
  private func send(_ dispatch: inout Dispatch) async throws -> BatchResult {
    var sent = dispatch.rest
    let later = Array((sent.apiIDs ?? []).dropFirst(Batch.maximumCount))
    sent.apiIDs = sent.apiIDs.map { Array($0.prefix(Batch.maximumCount)) }
    dispatch.tries += 1
    let result = try await answer(to: sent, isRepeated: dispatch.isRepeated)
    record(.batch(result), of: ChangeTargets(of: sent), as: dispatch.undertaking)
    dispatch.total = dispatch.total + result
    guard let unmentioned = sent.without(result).apiIDs else { return result }
    dispatch.narrow(to: unmentioned + later)
    guard unmentioned.isEmpty else {
      throw GatewayError(
        kind: .unknownOutcome, message: "the batch's answer does not mention \(unmentioned.count) of its APIs",
        hint: "look at their histories before you send them again", operation: Batch.descriptor.name)
    }
    // What comes now was not sent before, or not as often.
    if !later.isEmpty { dispatch.tries = 1 }
    return result
  }

  /// Asks what became of a batch whose answer was lost, and leaves of it what is to be sent again.
  ///
  /// - Throws: `GatewayError` when it cannot be told, or is not to be sent again.
  private func settle(_ dispatch: inout Dispatch, after error: GatewayError) async throws {
    guard error.kind == .unknownOutcome, let apiIDs = await apiIDs(of: dispatch) else {
      throw failed(dispatch, error)
    }
    onEvent(.willSettle(operation: Batch.descriptor.name, reason: error.message))
    dispatch.narrow(to: apiIDs)
    let settled = await settler(after: error, count: apiIDs.count, since: dispatch.undertaking.begin)
      .settle(batch: dispatch.rest)
    onEvent(
      .didSettle(
        SettledChange(
          title: await title(of: ChangeTargets(of: dispatch.rest)), isResumed: dispatch.undertaking.begin.isResumed,
          applied: settled.applied.count, notApplied: settled.notApplied.count, unknown: settled.unknown.count)))
    let applied = BatchResult(success: settled.applied)
    record(.batch(applied), of: ChangeTargets(of: dispatch.rest), as: dispatch.undertaking)
    dispatch.total = dispatch.total + applied
    let pending = Set(settled.notApplied)
    dispatch.narrow(to: apiIDs.filter(pending.contains))
    guard settled.unknown.isEmpty else {
      if !dispatch.isDone {
        record(
          failure: error.notApplied(tries: dispatch.tries), of: ChangeTargets(of: dispatch.rest),
          as: dispatch.undertaking)
      }
      dispatch.narrow(to: settled.unknown)
      throw failed(dispatch, error)
    }
    if dispatch.tries == 0 {
      do {
        try await refuseForeignChanges(in: &dispatch)
      } catch let error as GatewayError {
        throw failed(dispatch, error)
      }
    }
    guard dispatch.isDone || dispatch.tries < configuration.maximumTries else {
      throw failed(dispatch, error.notApplied(tries: dispatch.tries))
    }
  }

  /// The APIs that are left of a batch; of a group's, those that it had when the batch was begun, else those that it has
  /// now; nil when the gateway cannot be asked.
  private func apiIDs(of dispatch: Dispatch) async -> [String]? {
    if let apiIDs = dispatch.rest.apiIDs { return apiIDs }
    let targets = try? await withMembers(dispatch.undertaking.targets)
    return targets.flatMap { $0.apiIDs.isEmpty ? nil : $0.apiIDs }
  }

  /// Enters that what is left of it failed.
  ///
  /// - Returns: the error with what was done all the same.
  private func failed(_ dispatch: Dispatch, _ error: GatewayError) -> GatewayError {
    record(failure: error, of: ChangeTargets(of: dispatch.rest), as: dispatch.undertaking)
    var error = error
    if !dispatch.total.success.isEmpty { error.result = dispatch.total }
    return error
  }

  /// Takes out of a resumed batch what someone else has changed since it was begun.
  private func refuseForeignChanges(in dispatch: inout Dispatch) async throws {
    let targets = ChangeTargets(of: dispatch.rest)
    let refused = BatchResult(
      failure: try await foreignChanges(of: targets).map {
        BatchFailure(foreignChange: $0.reason, of: $0.apiID, name: $0.name)
      })
    record(.batch(refused), of: targets, as: dispatch.undertaking)
    dispatch.total = dispatch.total + refused
    dispatch.rest = dispatch.rest.without(refused)
  }

  /// A repeated offline that finds an API offline found what the try before it did.
  private func answer(to batch: Batch, isRepeated: Bool) async throws -> BatchResult {
    var result = try await gateway.perform(batch)
    guard isRepeated, batch.action == .offline else { return result }
    for failure in result.failure where failure.code == .publicationNotFound {
      guard let apiID = failure.apiID else { continue }
      result.success.append(.offline(apiID: apiID, environmentID: batch.environmentID))
    }
    result.failure.removeAll { $0.code == .publicationNotFound && $0.apiID != nil }
    return result
  }
}
