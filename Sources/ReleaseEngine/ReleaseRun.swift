public import GatewayAPI

/// One run on one gateway: every operation of the script passes through here.
///
/// It stands between the script's call and the client's request. Reads are journalled; a change is journalled before it
/// is sent and after it is answered, under the lock of its environment, and only when nobody else has changed what it is
/// about; what became of a change whose answer was lost is found out by asking; and what was changed can be undone.
public actor ReleaseRun: Gateway {
  public struct Configuration: Sendable {
    /// What the gateway is called in this run.
    public var gatewayName = "local"
    /// The most APIs of one run whose versions are read before they change, one history request each; 0 reads none.
    /// Beyond it list pages tell since when each is published, and the version is found when an undo needs it.
    public var maximumVersionReads = 200
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
    /// Is told of each change before it is made, in a replay too: protections and permissions. What it throws keeps the
    /// change from being made.
    public var beforeChange: (@Sendable (PendingChange, NameDirectory) async throws -> Void)?
    /// How long what the run saw is good for a change: what it saw earlier is looked at again first.
    public var freshness: Duration = .seconds(5)
    /// How long an undo goes on trying.
    public var undoPatience: Duration = .seconds(600)
    /// The locks of environments; nil changes without.
    public var locks: EnvironmentLocks?
    /// The parts of the script whose changes are undone when they fail.
    public var scopes = UndoScopes()
    /// What its own pauses go by.
    public var time = MonotonicTime()
    /// Hears of changes that a replay has come to.
    public var onRestore: (@Sendable (APIChange) -> Void)?
    /// What holds changes back while the run is asked to stop.
    public var gate: ChangeGate?
    /// Is asked before a change of the script is sent, once for each, under its lock; what it throws keeps the change
    /// from being sent. A replay asks it too; what puts changes back does not.
    public var admission: (@Sendable (any GatewayOperation) async throws -> Void)?
    /// Hears of each draft that the run edited, and when the gateway says it did, RFC 3339.
    public var onEdit: (@Sendable (_ apiID: String, _ time: String) -> Void)?

    public init() {}
  }

  public nonisolated let product: GatewayProduct
  public nonisolated let names: NameDirectory

  let gateway: any Gateway
  let configuration: Configuration
  let recorder: RunRecorder
  let onEvent: @Sendable (RunEvent) -> Void
  var ledger: ChangeLedger
  var sightings = Sightings()
  var versionReads = 0
  var gatheredLook: GatheredLook?
  var lookUnderWay: Task<[String: API], any Error>?
  var marks: RunMarks?
  /// Names of what the run changes, as far as it knows them.
  var labels = ChangeLabels()

  /// - Parameter recorder: shared by all gateways of a run.
  public init(
    gateway: any Gateway, configuration: Configuration = Configuration(), recorder: RunRecorder = RunRecorder(),
    onEvent: @escaping @Sendable (RunEvent) -> Void = { _ in }
  ) {
    self.gateway = gateway
    self.configuration = configuration
    self.recorder = recorder
    self.onEvent = onEvent
    ledger = ChangeLedger(gateway: configuration.gatewayName)
    marks = configuration.markedAs.map {
      RunMarks($0, after: recorder.unaskedIntents, gateway: configuration.gatewayName)
    }
    product = gateway.product
    // Which of the script's tasks asks for a name first is chance: names belong to none of them.
    names = NameDirectory(
      gateway: RecordedReads(gateway: gateway, name: configuration.gatewayName, recorder: recorder, branch: "names"))
  }

  /// Everything the run changed, or tried to.
  public var changes: RunChanges { RunChanges(apis: ledger.changes, others: ledger.others) }

  /// Ends a part of the run, before its locks go back: the next one looks anew at what runs, for others may have changed
  /// it.
  ///
  /// - Returns: whether the run knows how all of its changes ended.
  public func endPart() async -> Bool {
    ledger.beginPart()
    sightings = Sightings()
    versionReads = 0
    await names.forget()
    return !ledger.changes.contains {
      $0.state == .unknown || ($0.state == .undoFailed && $0.error?.kind == .unknownOutcome)
    }
  }

  /// The steps of a part of the run that still stand, the first made first.
  public func standing(in scope: UndoScope) -> [APIChange] {
    ledger.steps.filter { scope.holds($0) }.map { step in
      var change = step.change
      let sum = ledger.changes.first { ChangeLedger.Key(apiID: $0.apiID, environmentID: $0.environmentID) == step.key }
      change.apiName = change.apiName ?? sum?.apiName
      change.environmentName = change.environmentName ?? sum?.environmentName
      return change
    }
  }

  public func perform<Operation: GatewayOperation>(_ operation: Operation) async throws -> Operation.Output {
    guard Operation.descriptor.effect == .write else {
      let reads = RecordedReads(gateway: gateway, name: configuration.gatewayName, recorder: recorder) {
        await self.note($0, time: $1)
      }
      return try await reads.perform(operation)
    }
    return try await change(operation)
  }

  private func note(_ apis: [API], time: Timestamp?) { sightings.note(apis, time: time) }

  /// Fills in the names of APIs and environments that the run has come to know, for a report.
  public func completeNames() async {
    for change in ledger.changes {
      let api = await names.name(of: .api, id: change.apiID)
      var environment: String?
      if let id = change.environmentID { environment = await names.name(of: .environment, id: id) }
      ledger.complete(change, apiName: api, environmentName: environment)
    }
  }

  /// Fills in the numbers of the versions that the run made, for a report. One history request per changed API; none when
  /// they would be more than ``Configuration/maximumVersionReads``.
  ///
  /// A version whose number cannot be read is reported by its ID: a report never fails a run.
  public func readNewVersionNumbers() async {
    let unnumbered = ledger.changes.filter { $0.after.id != nil && $0.after.number == nil }
    guard unnumbered.count <= configuration.maximumVersionReads else { return }
    await withTaskGroup(of: (APIChange, APIVersion?).self) { group in
      for change in unnumbered {
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

  func history(of apiID: String, in environmentID: String?) async throws -> [APIVersion] {
    try await gateway.all(History(apiID: apiID, environmentID: environmentID)).items
  }
}
