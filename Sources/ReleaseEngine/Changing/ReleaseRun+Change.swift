internal import GatewayAPI

/// The life of one change: lock, look, intent, request, outcome.
extension ReleaseRun {
  /// A change on its way, as the journal knows it.
  struct Undertaking: Sendable {
    let call: RecordedCall
    let begin: RunRecorder.Begin
    let targets: ChangeTargets
  }

  func change<Operation: GatewayOperation>(_ operation: Operation) async throws -> Operation.Output {
    var targets = try await located(ChangeTargets(of: operation))
    var call = RecordedCall(operation, gateway: configuration.gatewayName, title: "")
    try await announce(targets, isReplayed: recorder.holds(call))
    await learnNames(of: targets)
    call.title = await title(of: targets)
    switch try recorder.stage(of: call) {
    case .ended(let end):
      try await configuration.admission?(operation)
      targets = targets.completed(by: end.begin.details)
      restore(end, of: targets, by: call.origin)
      return try Operation.Output(document: try end.result.get())
    case .open(let begin):
      try await configuration.admission?(operation)
      targets = targets.completed(by: begin.details)
      enterBefore(begin.details, of: targets)
      try await hold(targets)
      try await configuration.gate?.pass()
      defer { configuration.gate?.leave() }
      let sent = bearing(begin.details["remark"]?.stringValue, operation)
      return try await send(sent, as: Undertaking(call: call, begin: begin, targets: targets))
    case .new: return try await carryOut(new: operation, targets, call: call)
    }
  }

  /// The operation with the remark that its intent had.
  private func bearing<Operation: GatewayOperation>(_ remark: String?, _ operation: Operation) -> Operation {
    switch operation {
    case var publish as Publish where remark != nil:
      publish.remark = remark
      return publish as? Operation ?? operation
    // A group's batch bore no mark once: it must not be looked for.
    case var batch as Batch where remark != nil || batch.groupID != nil:
      batch.remark = remark
      return batch as? Operation ?? operation
    default: return operation
    }
  }

  private func carryOut<Operation: GatewayOperation>(
    new operation: Operation, _ targets: ChangeTargets, call: RecordedCall
  ) async throws -> Operation.Output {
    do {
      try Task.checkCancellation()
      let marked = try await beforeIntent { try self.marked(operation) }
      return try await carryOut(looking: marked, targets, call: call)
    } catch let refusal as RefusedBeforeIntent {
      // A replay must fail here, too: what stands behind it is what the script did then.
      try recorder.refuse(call, refusal.error)
      throw refusal.error
    }
  }

  /// A failure of what comes before a change is sent.
  private struct RefusedBeforeIntent: Error { let error: GatewayError }

  private func beforeIntent<Value>(_ body: () async throws -> Value) async throws -> Value {
    do { return try await body() } catch let error as GatewayError { throw RefusedBeforeIntent(error: error) }
  }

  private func carryOut<Operation: GatewayOperation>(
    looking operation: Operation, _ targets: ChangeTargets, call: RecordedCall
  ) async throws -> Operation.Output {
    var operation = operation
    var targets = targets
    let located = targets
    try await beforeIntent { try await hold(located) }
    targets = try await beforeIntent { try await withMembers(located) }
    var refused: [BatchFailure] = []
    if targets.areReleased {
      let looked = targets
      let foreign = try await beforeIntent { try await foreignChanges(of: looked) }
      if let batch = operation as? Batch, batch.apiIDs != nil, !foreign.isEmpty {
        refused = foreign.map { BatchFailure(foreignChange: $0.reason, of: $0.apiID, name: $0.name) }
        let rest = batch.without(BatchResult(failure: refused))
        operation = rest as? Operation ?? operation
        targets = ChangeTargets(of: operation)
      } else if let first = foreign.first {
        throw RefusedBeforeIntent(
          error: GatewayError(foreignChange: first.reason, of: first.name ?? first.apiID, by: targets.operation))
      }
      await readVersions(before: targets)
    }
    let remark = ((operation as? Publish)?.remark ?? (operation as? Batch)?.remark)
    let details = details(of: targets, in: operation, refused: refused, remark: remark)
    try await configuration.gate?.pass()
    defer { configuration.gate?.leave() }
    try Task.checkCancellation()
    let admitted = operation
    try await beforeIntent { try await configuration.admission?(admitted) }
    onEvent(
      .willChange(
        operation: targets.operation, action: targets.action, count: targets.apiIDs.count,
        environmentID: targets.environmentID))
    defer { onEvent(.didEndChange(operation: targets.operation, action: targets.action, count: targets.apiIDs.count)) }
    let undertaking = Undertaking(
      call: call, begin: try await recorder.begin(call, details: details), targets: targets)
    return try await send(operation, as: undertaking)
  }

  /// Sends what the journal holds the intent of, and enters how it ended.
  private func send<Operation: GatewayOperation>(
    _ operation: Operation, as undertaking: Undertaking
  ) async throws -> Operation.Output {
    let firstStep = ledger.steps.count
    let result: Result<Operation.Output, GatewayError>
    do {
      if let batch = operation as? Batch {
        let refused = BatchResult(
          failure: (undertaking.begin.details["refused"]?.arrayValue ?? []).map(BatchFailure.init(document:)))
        record(.batch(refused), of: ChangeTargets(of: batch), as: undertaking)
        let answer = try await carryOut(batch.without(refused), as: undertaking)
        let output = try Operation.Output(document: (answer + refused).document)
        result = .success(output)
      } else {
        let output = try await carryOut(operation, as: undertaking)
        record(ChangeOutcome(of: output), of: undertaking.targets, as: undertaking)
        note(output, of: undertaking.targets)
        result = .success(output)
      }
    } catch let error as GatewayError {
      if !(operation is Batch) { record(failure: error, of: undertaking.targets, as: undertaking) }
      // Someone who stopped the run did not wait to find out: the next process will.
      if error.kind == .unknownOutcome, Task.isCancelled { throw error }
      result = .failure(error)
    }
    let steps = ledger.steps[firstStep...].filter { $0.place.sequence == undertaking.begin.sequence }.map(
      \.change.document)
    try await recorder.end(
      undertaking.call, undertaking.begin, result.map(\.document), notes: ["steps": .array(steps)])
    return try result.get()
  }

  /// Enters what the journal says of a change that a replay has come to.
  private func restore(_ end: RunRecorder.End, of targets: ChangeTargets, by origin: CallOrigin) {
    enterBefore(end.begin.details, of: targets)
    let steps = end.notes["steps"]?.arrayValue ?? []
    for document in steps {
      guard let change = APIChange(document: document, gateway: configuration.gatewayName) else { continue }
      ledger.enter(change, at: place(end.begin, origin))
      configuration.onRestore?(change)
      sightings.noteUncertainty(change.apiID, in: change.environmentID)
    }
    if case .failure(let error) = end.result, error.kind == .unknownOutcome, !targets.areReleased || steps.isEmpty {
      ledger.count(targets.operation, isUnknown: true)
    }
    guard case .success(let answer) = end.result else { return }
    if !targets.areReleased { ledger.count(targets.operation, isUnknown: false) }
    for document in answer["success"]?.arrayValue ?? [answer] {
      sightings.note(
        Publication(document: document), isOffline: targets.takesOffline, in: targets.environmentID, time: nil)
    }
  }

  /// Enters what ran before a change, as the journal has it.
  func enterBefore(_ details: Document, of targets: ChangeTargets) {
    for entry in details["before"]?.arrayValue ?? [] {
      guard let apiID = entry["api_id"]?.stringValue else { continue }
      ledger.restoreBefore(
        apiID, in: entry["env_id"]?.stringValue ?? targets.environmentID,
        RunningVersion(document: entry["runs"] ?? .null))
    }
  }

  /// What the journal keeps with a change's intent: what ran before, and what is left out of a batch.
  private func details(
    of targets: ChangeTargets, in operation: some GatewayOperation, refused: [BatchFailure], remark: String?
  ) -> Document {
    let before = targets.apiIDs.compactMap { apiID -> Document? in
      guard let version = ledger.firstSeen(apiID, in: targets.environmentID), version != .notRead else { return nil }
      return [
        "api_id": .string(apiID), "env_id": targets.environmentID.map(Document.string) ?? .null,
        "runs": version.document,
      ]
    }
    var details: [String: Document] = [:]
    let named = ChangeTargets(of: operation)
    if named.apiIDs.isEmpty, !targets.apiIDs.isEmpty { details["apis"] = .array(targets.apiIDs.map(Document.string)) }
    if named.environmentID == nil { details["env_id"] = targets.environmentID.map(Document.string) }
    if !before.isEmpty { details["before"] = .array(before) }
    if let remark { details["remark"] = .string(remark) }
    if !refused.isEmpty { details["refused"] = .array(refused.map(\.document)) }
    return details.isEmpty ? .null : .object(details)
  }

  private func hold(_ targets: ChangeTargets) async throws {
    guard targets.areReleased, let locks = configuration.locks, let environmentID = targets.environmentID else {
      return
    }
    try await locks.hold(environmentID, named: await names.name(of: .environment, id: environmentID))
  }

  func title(of targets: ChangeTargets) async -> String {
    var parts = [targets.action]
    if targets.apiIDs.count > 3 {
      parts.append("\(targets.apiIDs.count) APIs")
    } else if !targets.apiIDs.isEmpty {
      var labels: [String] = []
      for id in targets.apiIDs { labels.append(await names.name(of: .api, id: id) ?? id) }
      parts.append(labels.joined(separator: ", "))
    }
    if let id = targets.environmentID {
      parts.append("in \(await names.name(of: .environment, id: id) ?? id)")
    }
    return parts.joined(separator: " ")
  }

  // MARK: - The account

  private func place(_ begin: RunRecorder.Begin, _ origin: CallOrigin) -> ChangeLedger.Place {
    ChangeLedger.Place(
      sequence: begin.sequence, branch: origin.branch, epoch: configuration.scopes.epoch, callbacks: origin.callbacks)
  }

  func record(failure error: GatewayError, of targets: ChangeTargets, as undertaking: Undertaking) {
    // A call that was refused before anything was sent did nothing to any API.
    if error.kind != .usage { record(.failed(error), of: targets, as: undertaking) }
    guard error.kind == .unknownOutcome else { return }
    for apiID in targets.apiIDs { sightings.noteUncertainty(apiID, in: targets.environmentID) }
  }

  func record(_ outcome: ChangeOutcome, of targets: ChangeTargets, as undertaking: Undertaking) {
    for change in ledger.record(
      outcome, of: targets, at: place(undertaking.begin, undertaking.call.origin), named: labels)
    { onEvent(.didChange(change, action: targets.action)) }
    guard case .batch(let result) = outcome else { return }
    for publication in result.success {
      sightings.note(
        publication, isOffline: targets.takesOffline, in: targets.environmentID, time: recorder.currentTime)
    }
  }

  private func note(_ output: some OperationOutput, of targets: ChangeTargets) {
    if let publication = output as? Publication {
      sightings.note(
        publication, isOffline: targets.takesOffline, in: targets.environmentID, time: recorder.currentTime)
    } else {
      for apiID in targets.apiIDs {
        sightings.noteEdit(apiID)
        if let time = output.document["update_time"]?.stringValue { configuration.onEdit?(apiID, time) }
      }
    }
  }
}
