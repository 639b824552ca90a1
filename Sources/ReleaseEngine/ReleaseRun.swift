public import GatewayAPI

/// One run of a script: every operation of the script passes through here.
///
/// It stands where plan, journal, locks and undo will stand: between the
/// script's call and the client's request. Today it keeps account of what was
/// changed, and from which version to which, so that the end of a run can say
/// what was and what is.
public actor ReleaseRun: Gateway {
  public struct Configuration: Sendable {
    /// The most APIs of one run whose versions are read before they change, one history request
    /// each; 0 reads none. Beyond it the report names no earlier version.
    public var maximumVersionReads = 50
    /// The run whose mark publications bear at the end of their remark, at most 255 characters together. Without it, a
    /// publication whose answer is lost stays of unknown outcome.
    public var markedAs: RunID?
    /// How long after a lost answer a change may still show; sent again is only what did not show by then.
    public var settleTime: Duration = .seconds(2)
    /// The most times that one change is sent.
    public var maximumTries = 5

    public init() {}
  }

  public nonisolated let product: GatewayProduct
  public nonisolated let names: NameDirectory

  private let gateway: any Gateway
  private let configuration: Configuration
  private let onEvent: @Sendable (RunEvent) -> Void
  private var ledger = ChangeLedger()
  private var versionReads = 0
  private var marks: RunMarks?

  public init(
    gateway: any Gateway, configuration: Configuration = Configuration(),
    onEvent: @escaping @Sendable (RunEvent) -> Void = { _ in }
  ) {
    self.gateway = gateway
    self.configuration = configuration
    self.onEvent = onEvent
    marks = configuration.markedAs.map { RunMarks($0) }
    product = gateway.product
    names = NameDirectory(gateway: gateway)
  }

  /// Everything the run changed, or tried to.
  public var changes: RunChanges { RunChanges(apis: ledger.changes, others: ledger.others) }

  public func perform<Operation: GatewayOperation>(_ operation: Operation) async throws -> Operation.Output {
    guard Operation.descriptor.effect == .write else { return try await gateway.perform(operation) }
    let operation = try marked(operation)
    let targets = ChangeTargets(of: operation)
    if targets.areReleased { await readVersions(before: targets) }
    try Task.checkCancellation()
    onEvent(
      .willChange(
        operation: Operation.descriptor.name, count: targets.apiIDs.count, environmentID: targets.environmentID))
    if let batch = operation as? Batch, let result = try await carryOut(batch) as? Operation.Output { return result }
    do {
      let output = try await carryOut(operation)
      record(ChangeOutcome(of: output), of: targets)
      return output
    } catch let error as GatewayError {
      record(failure: error, of: targets)
      throw error
    }
  }

  /// Fills in the names of APIs and environments that the run has come to know, for a report.
  public func completeNames() async {
    for change in ledger.changes {
      let api = await names.name(of: .api, id: change.apiID)
      var environment: String?
      if let id = change.environmentID { environment = await names.name(of: .environment, id: id) }
      ledger.complete(change, apiName: api, environmentName: environment)
    }
  }

  /// Fills in the numbers of the versions that the run made, for a report. One history request per changed API, at most
  /// ``Configuration/maximumVersionReads``.
  ///
  /// A version whose number cannot be read is reported by its ID: a report never fails a run.
  public func readNewVersionNumbers() async {
    let unnumbered = ledger.changes.filter { $0.after.id != nil && $0.after.number == nil }
    await withTaskGroup(of: (APIChange, APIVersion?).self) { group in
      for change in unnumbered.prefix(configuration.maximumVersionReads) {
        group.addTask {
          let history = try? await self.history(of: change.apiID, in: change.environmentID)
          return (change, history?.first { $0.versionID == change.after.id })
        }
      }
      for await (change, version) in group {
        if let version { ledger.complete(change, with: version) }
      }
    }
  }

  // MARK: - Lost answers

  private func marked<Operation: GatewayOperation>(_ operation: Operation) throws(GatewayError) -> Operation {
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

  /// Sends a change until it is known what became of it.
  private func carryOut<Operation: GatewayOperation>(_ operation: Operation) async throws -> Operation.Output {
    var tries = 0
    while true {
      tries += 1
      do {
        return try await gateway.perform(operation)
      } catch let error as GatewayError where error.kind == .unknownOutcome {
        switch try await settled(error, { try await settler.settle(operation) }) {
        case .applied(let output): return output
        case .notApplied where tries < configuration.maximumTries: continue
        case .notApplied: throw error.notApplied(tries: tries)
        }
      }
    }
  }

  /// Sends a batch until it is known what became of each API: it is settled API by API, and what did not happen is sent
  /// again. Each API is entered in the account as soon as its end is known.
  private func carryOut(_ batch: Batch) async throws -> BatchResult {
    var rest = batch
    var total = BatchResult()
    var tries = 0
    while true {
      tries += 1
      let sent = rest
      let targets = ChangeTargets(of: sent)
      do {
        let result = try await gateway.perform(sent)
        record(.batch(result), of: targets)
        guard tries > 1 else { return result }
        return (total + result).ordered(as: batch.apiIDs ?? [])
      } catch let error as GatewayError {
        do {
          guard error.kind == .unknownOutcome, sent.apiIDs != nil else { throw error }
          let applied = BatchResult(success: try await settled(error) { try await settler.applied(of: sent) })
          record(.batch(applied), of: targets)
          total = total + applied
          rest = sent.without(applied)
          if rest.apiIDs?.isEmpty == true { return total.ordered(as: batch.apiIDs ?? []) }
          if tries >= configuration.maximumTries { throw error.notApplied(tries: tries) }
        } catch var error as GatewayError {
          record(failure: error, of: ChangeTargets(of: rest))
          if !total.success.isEmpty { error.result = total }
          throw error
        }
      }
    }
  }

  private var settler: ChangeSettler { ChangeSettler(gateway: gateway, settleTime: configuration.settleTime) }

  /// - Throws: the error itself when nothing can be found out.
  private func settled<Value>(_ error: GatewayError, _ settle: () async throws -> Value?) async throws -> Value {
    onEvent(.willSettle(operation: error.operation ?? "", reason: error.message))
    // Whatever keeps the run from finding out, a stop included, leaves the outcome unknown.
    guard let value = try? await settle() else { throw error }
    return value
  }

  private func readVersions(before targets: ChangeTargets) async {
    let unread = targets.apiIDs.filter { ledger.isNew($0, in: targets.environmentID) }
    let apiIDs = unread.prefix(max(0, configuration.maximumVersionReads - versionReads))
    versionReads += apiIDs.count
    await withTaskGroup(of: (String, [APIVersion]?).self) { group in
      for apiID in apiIDs {
        // What cannot be read is reported as not read; whether the change works is the gateway's answer to give.
        group.addTask { (apiID, try? await self.history(of: apiID, in: targets.environmentID)) }
      }
      for await (apiID, history) in group {
        guard let history else { continue }
        let environmentID = targets.environmentID ?? history.first { $0.versionID == targets.versionID }?.environmentID
        let effective = history.first { $0.isEffective && $0.environmentID == environmentID }
        ledger.setBefore(apiID, in: environmentID, effective: effective)
      }
    }
  }

  private func history(of apiID: String, in environmentID: String?) async throws -> [APIVersion] {
    try await gateway.all(History(apiID: apiID, environmentID: environmentID)).items
  }

  private func record(failure error: GatewayError, of targets: ChangeTargets) {
    // A call that was refused before anything was sent did nothing to any API.
    if error.kind != .usage { record(.failed(error), of: targets) }
  }

  private func record(_ outcome: ChangeOutcome, of targets: ChangeTargets) {
    for change in ledger.record(outcome, of: targets) { onEvent(.didChange(change)) }
  }
}
