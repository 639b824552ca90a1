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

  /// - Throws: ``GatewayError``, of kind `unknownOutcome` only when the gateway cannot be asked; `CancellationError`.
  func carryOut<Operation: GatewayOperation>(_ operation: Operation) async throws -> Operation.Output {
    var tries = 0
    while true {
      tries += 1
      do {
        return try await gateway.perform(operation)
      } catch let error as GatewayError {
        if tries > 1, let output = Self.alreadyOffline(operation, error) { return output }
        guard error.kind == .unknownOutcome else { throw error }
        onEvent(.willSettle(operation: error.operation ?? "", reason: error.message))
        // Whatever keeps the run from finding out, a stop included, leaves the outcome unknown.
        switch try? await settler(after: error, count: 1).settle(operation) {
        case .applied(let output)?: return output
        case .notApplied? where tries < configuration.maximumTries: continue
        case .notApplied?: throw error.notApplied(tries: tries)
        case nil: throw error
        }
      }
    }
  }

  /// Sends a batch; it is settled API by API, and what did not happen is sent again. Each API is entered in the account
  /// as soon as its end is known.
  func carryOut(_ batch: Batch) async throws -> BatchResult {
    var rest = batch
    var total = BatchResult()
    var tries = 0
    while true {
      tries += 1
      let sent = rest
      do {
        let result = try await answer(to: sent, isRepeated: tries > 1)
        record(.batch(result), of: ChangeTargets(of: sent))
        total = total + result
        rest = sent.without(result)
        // All of a group are meant, or all that were named are mentioned.
        guard let unmentioned = rest.apiIDs, !unmentioned.isEmpty else {
          return tries > 1 ? total.ordered(as: batch.apiIDs ?? []) : result
        }
        throw GatewayError(
          kind: .unknownOutcome, message: "the batch's answer does not mention \(unmentioned.count) of its APIs",
          hint: "look at their histories before you send them again", operation: Batch.descriptor.name)
      } catch var error as GatewayError {
        var failed = rest
        if error.kind == .unknownOutcome, rest.apiIDs != nil {
          onEvent(.willSettle(operation: Batch.descriptor.name, reason: error.message))
          let settled = await settler(after: error, count: rest.apiIDs?.count ?? 0).settle(batch: rest)
          let applied = BatchResult(success: settled.applied)
          record(.batch(applied), of: ChangeTargets(of: rest))
          total = total + applied
          let pending = Set(settled.notApplied)
          rest.apiIDs = rest.apiIDs?.filter(pending.contains)
          failed.apiIDs = settled.unknown.isEmpty ? rest.apiIDs : settled.unknown
          if settled.unknown.isEmpty {
            if settled.notApplied.isEmpty { return total.ordered(as: batch.apiIDs ?? []) }
            if tries < configuration.maximumTries { continue }
            error = error.notApplied(tries: tries)
          } else if !settled.notApplied.isEmpty {
            record(failure: error.notApplied(tries: tries), of: ChangeTargets(of: rest))
          }
        }
        record(failure: error, of: ChangeTargets(of: failed))
        if !total.success.isEmpty { error.result = total }
        throw error
      }
    }
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
  private func settler(after error: GatewayError, count: Int) -> ChangeSettler {
    let time = configuration.settleTime * (1 + Double(count) / 200) * (error.code == nil ? 1 : 0.4)
    return ChangeSettler(gateway: gateway, settleTime: time)
  }
}
