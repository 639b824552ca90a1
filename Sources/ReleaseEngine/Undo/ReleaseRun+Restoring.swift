internal import GatewayAPI
public import RunJournal

/// The account of a run that another process began, read from its journal: for an undo without the script.
extension ReleaseRun {
  /// Enters every change that the journal has for this gateway, and every undo of one.
  ///
  /// What was begun and has no end in the journal is entered as unknown; an undo looks before it does anything.
  ///
  /// - Parameter entries: the whole journal of the run, in order.
  public func restore(_ entries: [JournalEntry]) {
    let outcomes = Dictionary(
      entries.filter { $0.kind == .outcome }.compactMap { entry in entry.refersTo.map { ($0, entry) } },
      uniquingKeysWith: { _, last in last })
    for intent in entries where intent.kind == .intent {
      let arguments = intent.body["arguments"] ?? .null
      guard arguments["gateway"]?.stringValue == configuration.gatewayName else { continue }
      let details = intent.body["details"] ?? .null
      if intent.operation == "undo" {
        restoreUndo(arguments, details, outcomes[intent.sequence])
      } else if let targets = ChangeTargets(ofIntent: intent) {
        restoreChange(targets, intent, details, outcomes[intent.sequence])
      }
    }
  }

  private func restoreChange(
    _ targets: ChangeTargets, _ intent: JournalEntry, _ details: Document, _ outcome: JournalEntry?
  ) {
    enterBefore(details, of: targets)
    let place = ChangeLedger.Place(sequence: intent.sequence, branch: intent.branch, epoch: 0)
    guard let outcome else {
      let lost = GatewayError(
        kind: .unknownOutcome, message: "begun at \(intent.time.text), and no answer was kept",
        operation: intent.operation)
      // What was refused before was not sent: there is nothing to find out, and nothing to undo.
      let refused = BatchResult(failure: (details["refused"]?.arrayValue ?? []).map(BatchFailure.init(document:)))
      _ = ledger.record(.batch(refused), of: targets, at: place)
      let refusedIDs = Set(refused.failure.compactMap(\.apiID))
      var sent = targets
      sent.apiIDs.removeAll(where: refusedIDs.contains)
      _ = ledger.record(.failed(lost), of: sent, at: place)
      return
    }
    let steps = outcome.body["notes"]?["steps"]?.arrayValue ?? []
    for document in steps {
      if let change = APIChange(document: document, gateway: configuration.gatewayName) {
        ledger.enter(change, at: place)
      }
    }
    if outcome.body["error"]?["kind"] == "unknown_outcome", !targets.areReleased || steps.isEmpty {
      ledger.count(targets.operation, isUnknown: true)
    }
    if !targets.areReleased, outcome.body["answer"] != nil { ledger.count(targets.operation, isUnknown: false) }
  }

  private func restoreUndo(_ arguments: Document, _ details: Document, _ outcome: JournalEntry?) {
    guard let outcome, let apiID = arguments["api_id"]?.stringValue else { return }
    let steps = (details["steps"]?.arrayValue ?? []).compactMap { $0.integerValue.map(Int64.init) }
    ledger.settleUndo(
      ChangeLedger.Key(apiID: apiID, environmentID: arguments["env_id"]?.stringValue), steps: Set(steps),
      UndoResult(
        runs: RunningVersion(document: outcome.body["notes"]?["runs"] ?? .null),
        error: outcome.body["error"].flatMap(GatewayError.init(document:)),
        note: outcome.body["notes"]?["note"]?.stringValue))
  }
}
