public import GatewayAPI

/// One run of a script: every operation of the script passes through here.
///
/// It stands where plan, journal, locks and undo will stand: between the script's call and the client's request. It
/// keeps account of what was changed, and from which version to which, so that the end of a run can say what was and
/// what is; and it finds out what became of changes whose answers were lost.
public actor ReleaseRun: Gateway {
  public struct Configuration: Sendable {
    /// The most APIs of one run whose versions are read before they change, one history request
    /// each; 0 reads none. Beyond it the report names no earlier version.
    public var maximumVersionReads = 50
    /// The run whose mark publications bear at the end of their remark, at most 255 characters together. Without it, a
    /// publication whose answer is lost stays of unknown outcome.
    public var markedAs: RunID?
    /// How long after a lost answer a change may still show; sent again is only what did not show by then.
    ///
    /// So long for one API behind whose request a connection broke; longer for a batch, shorter where the gateway itself
    /// answered with an error.
    public var settleTime: Duration = .seconds(5)
    /// The most times that one change is sent.
    public var maximumTries = 5
    /// Is told of each change before it is made; what it throws keeps it from being made.
    public var beforeChange: (@Sendable (PendingChange, NameDirectory) async throws -> Void)?

    public init() {}
  }

  public nonisolated let product: GatewayProduct
  public nonisolated let names: NameDirectory

  let gateway: any Gateway
  let configuration: Configuration
  let onEvent: @Sendable (RunEvent) -> Void
  private var ledger = ChangeLedger()
  private var versionReads = 0
  var marks: RunMarks?

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
    try await announce(targets)
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

  func history(of apiID: String, in environmentID: String?) async throws -> [APIVersion] {
    try await gateway.all(History(apiID: apiID, environmentID: environmentID)).items
  }

  func record(failure error: GatewayError, of targets: ChangeTargets) {
    // A call that was refused before anything was sent did nothing to any API.
    if error.kind != .usage { record(.failed(error), of: targets) }
  }

  func record(_ outcome: ChangeOutcome, of targets: ChangeTargets) {
    for change in ledger.record(outcome, of: targets) { onEvent(.didChange(change)) }
  }
}
