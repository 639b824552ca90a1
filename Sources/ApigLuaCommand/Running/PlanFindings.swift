internal import GatewayAPI
internal import GatewayClient
internal import GatewayScripting
internal import LuaRuntime
internal import ReleaseEngine
internal import RunJournal

/// What came out when a script was planned.
struct PlanFindings {
  let verdicts: [APIVerdict]
  /// Gateways on which something would change.
  let changedGateways: Set<String>
  let others: [PlannedOtherChange]
  /// How many changes would be put back again.
  let undone: Int
  /// Where the plan had to end.
  let end: CannotKnowUntilApply?
  /// What the script would end with.
  let failure: (any Error)?
  let exit: ScriptExit?
  /// How many APIs lists showed.
  let seenCount: Int
  let statistics: ClientStatistics
  /// How long the plan took, in seconds.
  let seconds: Double
  let changeRequests: Int
  let stages: [Rehearsal.Stage]
  let costs: Rehearsal.Costs
  let leases: [Lease]
  let isAssuming: Bool

  /// - Parameter marks: where the part begins that is meant, by gateway; nil for the whole plan.
  init(
    result: Result<some Sendable, any Error>, connections: [PlanConnections.Connection], rehearsal: Rehearsal,
    seconds: Double, leases: [Lease], isAssuming: Bool, since marks: [String: PlanningGateway.Mark]? = nil
  ) async {
    let error: (any Error)? = if case .failure(let error) = result { error } else { nil }
    end = error as? CannotKnowUntilApply
    exit = error as? ScriptExit
    failure = end == nil && exit == nil ? error : nil
    var verdicts: [APIVerdict] = []
    var gateways: Set<String> = []
    var others: [PlannedOtherChange] = []
    var statistics = ClientStatistics()
    var (seen, undone, requests) = (0, 0, 0)
    for connection in connections {
      let planning = connection.planning
      let mark = marks.map { $0[connection.name] ?? PlanningGateway.Mark() }
      let found = await planning.verdicts(endedBy: end, since: mark)
      let changes = await planning.changes[(mark?.changes ?? 0)...]
      verdicts += found
      let otherChanges = await planning.otherChanges[(mark?.otherChanges ?? 0)...]
      if !changes.isEmpty || !otherChanges.isEmpty { gateways.insert(connection.name) }
      others += otherChanges
      undone += changes.count { $0.isUndo && $0.failure == nil }
      // A part does not tell what was read for it.
      if mark == nil { seen += await planning.seenCount }
      requests += await planning.changeRequests - (mark?.requests ?? 0)
      statistics.add(connection.opened.client.statistics)
    }
    self.verdicts = verdicts
    changedGateways = gateways
    self.others = others
    self.undone = undone
    seenCount = seen
    changeRequests = requests
    self.statistics = statistics
    self.seconds = seconds
    stages = rehearsal.stages
    costs = rehearsal.costs
    self.leases = leases
    self.isAssuming = isAssuming
  }

  var changed: [APIVerdict] { verdicts.filter { $0.outcome == .willChange } }

  var failing: [(verdict: APIVerdict, error: GatewayError)] {
    verdicts.compactMap { verdict in
      if case .wouldFail(let error) = verdict.outcome { (verdict, error) } else { nil }
    }
  }

  /// APIs that were read and would stay as they are.
  var unchangedCount: Int {
    let touched = Set(verdicts.filter { $0.outcome != .noChange }.map(\.apiID))
    return max(seenCount, Set(verdicts.map(\.apiID)).count) - touched.count
  }

  /// How long carrying it out takes, in seconds, as far as anyone knows: waits, and requests at the rate that holds.
  var estimatedTime: Double {
    costs.waitingTime + (statistics.limit.map { Double(changeRequests) / $0.perSecond } ?? 0)
  }

  /// Why the plan cannot be applied; nil when it can.
  func obstacle(mainGateway: String) -> String? {
    if isAssuming { return "it is a rehearsal: made with --assume" }
    if let end { return "it ends at \(end.place ?? "a line that is not known"): \(end.subject)" }
    if failure != nil { return "the script would fail" }
    let foreign = changedGateways.subtracting([mainGateway]).sorted()
    if !foreign.isEmpty {
      return "it changes \(foreign.joined(separator: ", ")) beside \(mainGateway); a saved plan is for one gateway"
    }
    return nil
  }

  func status(tellsDifferences: Bool, signal: Int32?) -> ExitStatus {
    if let failure {
      let cause = (failure as? LuaError)?.underlying
      // What was assumed has come to pass: that is what a rehearsal is for.
      if isAssuming, cause is GatewayError { return .ok }
      return ExitStatus(error: failure, changes: RunChanges(), signal: signal)
    }
    if end != nil { return .scriptFailed }
    switch exit?.code {
    case .failed?: return .scriptFailed
    case .differences? where tellsDifferences: return .differences
    case .differences?: return .ok
    case .ok?, nil: break
    }
    return tellsDifferences && !(changed.isEmpty && others.isEmpty) ? .differences : .ok
  }

  // MARK: - As a document

  /// The plan's own account of itself, for machines.
  func document(plannedIDs: PlannedIDs, output: [Document], style: Style) -> Document {
    [
      "verdicts": .array(verdicts.map { Self.entry($0, plannedIDs) }),
      "unchanged": .integer(Int64(unchangedCount)), "undone": .integer(Int64(undone)),
      "waves": .array(
        stages.map { stage in
          [
            "wave": stage.wave.map(Document.string) ?? .null, "apis": .integer(Int64(stage.count)),
            "then": .array(stage.doings.map(Document.string)),
          ]
        }),
      "costs": [
        "read_requests": .integer(Int64(statistics.requests)), "change_requests": .integer(Int64(changeRequests)),
        "waits": .integer(Int64(costs.waits)), "waiting_seconds": .number(costs.waitingTime),
        "health_checks": .integer(Int64(costs.healthChecks)), "probes": .integer(Int64(costs.probes)),
        "other_requests": .integer(Int64(costs.unsentRequests)),
        "written_files": .integer(Int64(costs.unwrittenFiles)),
        "questions": .array(costs.questions.map(Document.string)), "seconds": .number(estimatedTime),
      ],
      "locks": .array(
        leases.map { lease in
          [
            "scope": .string(lease.fence.scope.name), "run": .string(lease.fence.run),
            "holder": .string(lease.holder), "command": .string(lease.command),
            "expires": .string(lease.expires.text),
          ]
        }),
      "cannot_know": end.map { ["where": $0.place.map(Document.string) ?? .null, "what": .string($0.subject)] }
        ?? .null,
      "error": failure.map { ErrorReport(error: $0, style: style).document } ?? .null,
      "output": .array(output),
    ]
  }

  private static func entry(_ verdict: APIVerdict, _ plannedIDs: PlannedIDs) -> Document {
    var members: [String: Document] = [
      "api": .string(verdict.apiID), "name": verdict.apiName.map(Document.string) ?? .null,
      "env": verdict.environmentID.map(Document.string) ?? .null,
      "env_name": verdict.environmentName.map(Document.string) ?? .null,
      "operation": .string(verdict.action.rawValue), "from": verdict.from.document, "to": verdict.to.document,
      "where": verdict.place.map(Document.string) ?? .null,
    ]
    switch verdict.outcome {
    case .willChange: members["verdict"] = "will_change"
    case .noChange: members["verdict"] = "no_change"
    case .wouldFail(let error):
      members["verdict"] = "would_fail"
      members["error"] = error.document
    case .cannotKnow(let end):
      members["verdict"] = "cannot_know"
      members["reason"] = .string(end.subject)
    }
    if let undo = verdict.undo {
      members["undo"] =
        switch undo {
        case .switchBack: "switch_back"
        case .takeOffline: "take_offline"
        case .publishAgain: "publish_again"
        case .impossible: "impossible"
        }
    }
    if !verdict.drops.isEmpty { members["drops"] = .array(verdict.drops.map(Document.string)) }
    if case .made(let id) = verdict.to { members["to_label"] = plannedIDs.label(of: id).map(Document.string) }
    return .object(members)
  }
}
