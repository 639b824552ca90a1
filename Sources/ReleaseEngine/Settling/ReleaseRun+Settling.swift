internal import GatewayAPI

/// Sending a change until it is known what became of it.
extension ReleaseRun {
  /// The operation as it is sent: a publication bears the run's mark.
  ///
  /// - Throws: ``GatewayError`` of kind `usage` when remark and mark are too long together.
  func marked<Operation: GatewayOperation>(_ operation: Operation) throws(GatewayError) -> Operation {
    switch operation {
    case var publish as Publish:
      publish.remark = try marks?.marked(publish.remark, [publish.apiID], in: publish.environmentID) ?? publish.remark
      return publish as? Operation ?? operation
    // Which APIs a group holds is the gateway's to know: its batches cannot be settled, and bear no mark.
    case var batch as Batch where batch.action == .online && batch.apiIDs != nil:
      batch.remark = try marks?.marked(batch.remark, batch.apiIDs ?? [], in: batch.environmentID) ?? batch.remark
      return batch as? Operation ?? operation
    default: return operation
    }
  }

  /// - Parameter begin: its intent; one that is resumed is asked about before it is sent again.
  /// - Throws: ``GatewayError``, of kind `unknownOutcome` only when the gateway cannot be asked; `CancellationError`.
  func carryOut<Operation: GatewayOperation>(
    _ operation: Operation, begin: RunRecorder.Begin
  ) async throws -> Operation.Output {
    var tries = 0
    var lost = begin.isResumed ? GatewayError(lostAt: begin.time, operation: Operation.descriptor.name) : nil
    while true {
      if let error = lost {
        onEvent(.willSettle(operation: error.operation ?? "", reason: error.message))
        // Whatever keeps the run from finding out, a stop included, leaves the outcome unknown.
        switch try? await settler(after: error, count: 1, since: begin).settle(operation) {
        case .applied(let output)?: return output
        case .notApplied? where tries < configuration.maximumTries: break
        case .notApplied?: throw error.notApplied(tries: tries)
        case nil where tries == 0 && Operation.descriptor.isRepeatable: break
        case nil: throw error
        }
        if tries == 0, let foreign = try await foreignChanges(of: ChangeTargets(of: operation)).first {
          throw GatewayError(
            foreignChange: foreign.reason, of: foreign.name ?? foreign.apiID, by: Operation.descriptor.name)
        }
      }
      tries += 1
      do {
        return try await gateway.perform(operation)
      } catch let error as GatewayError {
        if tries > 1 || begin.isResumed, let output = Self.alreadyOffline(operation, error) { return output }
        guard error.kind == .unknownOutcome else { throw error }
        lost = error
      }
    }
  }

  /// Sends a batch; it is settled API by API, and what did not happen is sent again. Each API is entered in the account
  /// as soon as its end is known.
  func carryOut(_ batch: Batch, as undertaking: Undertaking) async throws -> BatchResult {
    let begin = undertaking.begin
    var rest = batch
    var total = BatchResult()
    var tries = 0
    var lost = begin.isResumed ? GatewayError(lostAt: begin.time, operation: Batch.descriptor.name) : nil
    while true {
      if var error = lost {
        var failed = rest
        if error.kind == .unknownOutcome, rest.apiIDs != nil {
          onEvent(.willSettle(operation: Batch.descriptor.name, reason: error.message))
          let settled = await settler(after: error, count: rest.apiIDs?.count ?? 0, since: begin).settle(batch: rest)
          let applied = BatchResult(success: settled.applied)
          record(.batch(applied), of: ChangeTargets(of: rest), as: undertaking)
          total = total + applied
          let pending = Set(settled.notApplied)
          rest.apiIDs = rest.apiIDs?.filter(pending.contains)
          failed.apiIDs = settled.unknown.isEmpty ? rest.apiIDs : settled.unknown
          if settled.unknown.isEmpty {
            if tries == 0 { total = total + (try await refuseForeignChanges(in: &rest, as: undertaking)) }
            if rest.apiIDs?.isEmpty ?? false { return total.ordered(as: batch.apiIDs ?? []) }
            if tries >= configuration.maximumTries { error = error.notApplied(tries: tries) }
          } else if !settled.notApplied.isEmpty {
            record(failure: error.notApplied(tries: tries), of: ChangeTargets(of: rest), as: undertaking)
          }
          if settled.unknown.isEmpty, error.kind == .unknownOutcome { lost = nil }
        }
        if lost != nil {
          record(failure: error, of: ChangeTargets(of: failed), as: undertaking)
          if !total.success.isEmpty { error.result = total }
          throw error
        }
      }
      if rest.apiIDs?.isEmpty ?? false { return total.ordered(as: batch.apiIDs ?? []) }
      tries += 1
      let sent = rest
      do {
        let result = try await answer(to: sent, isRepeated: tries > 1 || begin.isResumed)
        record(.batch(result), of: ChangeTargets(of: sent), as: undertaking)
        total = total + result
        rest = sent.without(result)
        // All of a group are meant, or all that were named are mentioned.
        guard let unmentioned = rest.apiIDs, !unmentioned.isEmpty else {
          return tries > 1 || begin.isResumed ? total.ordered(as: batch.apiIDs ?? []) : result
        }
        lost = GatewayError(
          kind: .unknownOutcome, message: "the batch's answer does not mention \(unmentioned.count) of its APIs",
          hint: "look at their histories before you send them again", operation: Batch.descriptor.name)
      } catch let error as GatewayError {
        lost = error
      }
    }
  }

  /// Takes out of a resumed batch what someone else has changed since it was begun.
  private func refuseForeignChanges(in batch: inout Batch, as undertaking: Undertaking) async throws -> BatchResult {
    let targets = ChangeTargets(of: batch)
    let refused = BatchResult(
      failure: try await foreignChanges(of: targets).map {
        BatchFailure(foreignChange: $0.reason, of: $0.apiID, name: $0.name)
      })
    record(.batch(refused), of: targets, as: undertaking)
    batch = batch.without(refused)
    return refused
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

  private static func alreadyOffline<Operation: GatewayOperation>(
    _ operation: Operation, _ error: GatewayError
  ) -> Operation.Output? {
    guard let offline = operation as? Offline, error.code == .publicationNotFound else { return nil }
    return Publication.offline(apiID: offline.apiID, environmentID: offline.environmentID) as? Operation.Output
  }

  /// - Parameters:
  ///   - error: an answer of the gateway itself says that it is done with the request, whatever it did.
  ///   - count: the APIs of the request, which the gateway takes one after the other.
  ///   - begin: what was begun long ago shows by now, if it ever does.
  private func settler(after error: GatewayError, count: Int, since begin: RunRecorder.Begin) -> ChangeSettler {
    var time = configuration.settleTime * (1 + Double(count) / 200) * (error.code == nil ? 1 : 0.4)
    if begin.isResumed { time = max(.zero, time - .seconds(begin.time.seconds(until: .now()))) }
    return ChangeSettler(gateway: gateway, settleTime: time)
  }
}

extension GatewayError {
  /// The loss of an answer with the process that waited for it.
  fileprivate init(lostAt time: Timestamp, operation: String) {
    self.init(
      kind: .unknownOutcome, message: "begun at \(time.text), and the run was cut off before an answer was kept",
      hint: "look at the gateway before you send it again", operation: operation)
  }
}
