internal import GatewayAPI

/// Sending a change until it is known what became of it.
extension ReleaseRun {
  /// The operation as it is sent: a publication bears the run's mark.
  ///
  /// - Throws: `GatewayError` of kind `usage` when remark and mark are too long together.
  func marked<Operation: GatewayOperation>(_ operation: Operation) throws(GatewayError) -> Operation {
    switch operation {
    case var publish as Publish:
      publish.remark = try marks?.marked(publish.remark, [publish.apiID], in: publish.environmentID) ?? publish.remark
      return publish as? Operation ?? operation
    case var batch as Batch where batch.action == .online:
      batch.remark = try marks?.marked(batch.remark, batch.apiIDs ?? [], in: batch.environmentID) ?? batch.remark
      return batch as? Operation ?? operation
    default: return operation
    }
  }

  /// Sends it; one that is resumed is asked about before it is sent again.
  ///
  /// - Throws: `GatewayError`, of kind `unknownOutcome` only when the gateway cannot be asked; `CancellationError`.
  func carryOut<Operation: GatewayOperation>(
    _ operation: Operation, as undertaking: Undertaking
  ) async throws -> Operation.Output {
    let begin = undertaking.begin
    var tries = 0
    var lost = begin.isResumed ? GatewayError(lostAt: begin.time, operation: Operation.descriptor.name) : nil
    while true {
      if let error = lost {
        onEvent(.willSettle(operation: error.operation ?? "", reason: error.message))
        // Whatever keeps the run from finding out, a stop included, leaves the outcome unknown.
        let settled = try? await settler(after: error, count: 1, since: begin).settle(operation)
        await tell(settled, of: operation, begin)
        switch settled {
        case .applied(let output)?: return output
        case .notApplied? where tries < configuration.maximumTries: break
        case .notApplied?: throw error.notApplied(tries: tries)
        case nil where tries == 0 && Operation.descriptor.isRepeatable: break
        case nil: throw error
        }
        if tries == 0, let foreign = try await foreignChanges(of: undertaking.targets).first {
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

  /// Tells what the gateway said became of a change.
  private func tell<Operation: GatewayOperation>(
    _ settled: ChangeSettler.Settled<Operation.Output>?, of operation: Operation, _ begin: RunRecorder.Begin
  ) async {
    let title = await title(of: ChangeTargets(of: operation))
    func change(applied: Int = 0, notApplied: Int = 0, unknown: Int = 0) -> SettledChange {
      SettledChange(
        title: title, isResumed: begin.isResumed, applied: applied, notApplied: notApplied, unknown: unknown)
    }
    switch settled {
    case .applied(let output)?: onEvent(.didSettle(change(applied: 1).recognized(by: output)))
    case .notApplied?: onEvent(.didSettle(change(notApplied: 1)))
    case nil: onEvent(.didSettle(change(unknown: 1)))
    }
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
  func settler(after error: GatewayError, count: Int, since begin: RunRecorder.Begin) -> ChangeSettler {
    var time = configuration.settleTime * (1 + Double(count) / 200) * (error.code == nil ? 1 : 0.4)
    if begin.isResumed { time = max(.zero, time - .seconds(begin.time.seconds(until: recorder.currentTime))) }
    return ChangeSettler(gateway: gateway, settleTime: time, sleep: configuration.time.sleep)
  }
}

extension GatewayError {
  /// The loss of an answer with the process that waited for it.
  init(lostAt time: Timestamp, operation: String) {
    self.init(
      kind: .unknownOutcome, message: "begun at \(time.text), and the run was cut off before an answer was kept",
      hint: "look at the gateway before you send it again", operation: operation)
  }
}
