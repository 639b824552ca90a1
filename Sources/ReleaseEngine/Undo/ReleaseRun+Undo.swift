internal import GatewayAPI

/// What an undo did.
public struct UndoReport: Sendable, Hashable {
  /// APIs that were to be put back, the last changed first; their states are `undone` or `undoFailed`.
  public var apis: [APIChange] = []
  /// Changes that nothing puts back: edited drafts, what was made or deleted.
  public var others: [OtherChange] = []

  public init() {}

  /// Whether everything is as it was.
  public var isComplete: Bool { others.isEmpty && !apis.contains { $0.state == .undoFailed } }
}

/// Putting back what the run changed: the last first, onto the version that ran before, by its ID.
extension ReleaseRun {
  /// Undoes the changes of a part of the run that still stand.
  ///
  /// It goes before all other requests, tries for ``Configuration/undoPatience``, and is journalled: an undo that was cut
  /// off goes on where it stopped. An API that someone else has changed meanwhile is left alone and reported.
  ///
  /// - Returns: what became of each API.
  /// - Throws: `JournalError`, ``EnvironmentHeld``; `CancellationError` never: an undo is not stopped half-way.
  public func undo(_ scope: UndoScope) async throws -> UndoReport {
    let tasks = undoTasks(of: scope)
    var report = UndoReport()
    if scope == .wholeRun { report.others = ledger.others }
    guard !tasks.isEmpty else { return report }
    let branch = scope.branch + "~undo"
    // Unstructured: whoever stops the run does not stop its undo.
    let work = Task {
      for environmentID in Set(tasks.compactMap(\.key.environmentID)) {
        try await configuration.locks?.hold(
          environmentID, named: await names.name(of: .environment, id: environmentID))
      }
      onEvent(.willUndo(count: tasks.count, patience: configuration.undoPatience))
      try await RequestUrgency.$current.withValue(.undo) { try await self.carryOut(tasks, branch: branch) }
    }
    try await work.value
    let keys = Set(tasks.map(\.key))
    report.apis = ledger.changes.reversed().filter {
      keys.contains(ChangeLedger.Key(apiID: $0.apiID, environmentID: $0.environmentID))
    }
    return report
  }

  /// One API to put back.
  struct UndoTask: Sendable {
    let key: ChangeLedger.Key
    let name: String?
    /// What ran before the first step.
    let target: RunningVersion
    /// What the last step left running; `notRead` when its answer was lost.
    let current: RunningVersion
    /// Every version that the run left running on the way.
    let own: Set<String>
    let steps: Set<Int64>
    /// The mark in the remarks of this run's publications.
    let mark: String?
    /// The operation of the last step.
    let operation: String
    /// Whether nobody knows how the last step ended.
    let isInDoubt: Bool
  }

  /// The last changed first.
  private func undoTasks(of scope: UndoScope) -> [UndoTask] {
    var steps: [ChangeLedger.Key: [ChangeLedger.Step]] = [:]
    var order: [ChangeLedger.Key] = []
    for step in ledger.steps where scope.holds(step) {
      order.removeAll { $0 == step.key }
      order.append(step.key)
      steps[step.key, default: []].append(step)
    }
    return order.reversed().compactMap { key in
      guard let all = steps[key].map(Self.unbroken), let first = all.first, let last = all.last else { return nil }
      return UndoTask(
        key: key, name: last.change.apiName, target: first.change.before, current: last.change.after,
        own: Set(all.compactMap(\.change.after.id)), steps: Set(all.map(\.place.sequence)), mark: marks?.prefix,
        operation: last.change.operation,
        isInDoubt: last.change.state == .unknown)
    }
  }

  /// The last steps of an API between which nobody else has changed it: what stood between two of them is not the run's
  /// to throw away.
  private static func unbroken(_ steps: [ChangeLedger.Step]) -> [ChangeLedger.Step] {
    var first = steps.count - 1
    while first > 0, steps[first].change.before.isSame(as: steps[first - 1].change.after) { first -= 1 }
    return Array(steps[max(first, 0)...])
  }

  private func carryOut(_ tasks: [UndoTask], branch: String) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for (index, task) in tasks.enumerated() {
        // The client has limits of its own; more waiting ones can be joined into one request.
        if index >= 64 { try await group.next() }
        group.addTask { try await self.carryOut(task, branch: branch) }
      }
      try await group.waitForAll()
    }
  }

  /// In a branch of its own: which of the tasks begins first is chance, and another order must not be another run.
  private func carryOut(_ task: UndoTask, branch: String) async throws {
    let label = task.name ?? task.key.apiID
    let branch = "\(branch)/\(task.key.apiID)/\(task.key.environmentID ?? "")"
    let call = RecordedCall(
      "undo",
      [
        "gateway": .string(configuration.gatewayName), "api_id": .string(task.key.apiID),
        "env_id": task.key.environmentID.map(Document.string) ?? .null, "to": task.target.document,
      ], title: "undo \(label)", origin: CallOrigin(branch: branch))
    let result: UndoResult
    switch try recorder.stage(of: call) {
    case .ended(let end):
      let runs = RunningVersion(document: end.notes["runs"] ?? .null)
      switch end.result {
      case .success: result = UndoResult(runs: runs, note: end.notes["note"]?.stringValue)
      case .failure(let error): result = UndoResult(runs: runs, error: error)
      }
    case .open(let begin): result = try await putBack(task, label: label, call, begin)
    case .new:
      let steps = Document.array(task.steps.sorted().map(Document.integer))
      result = try await putBack(task, label: label, call, recorder.begin(call, details: ["steps": steps]))
    }
    ledger.settleUndo(task.key, steps: task.steps, result)
    if let change = ledger.changes.first(where: {
      $0.apiID == task.key.apiID && $0.environmentID == task.key.environmentID
    }) {
      onEvent(.didChange(change, action: "undo"))
    }
  }

  private func putBack(
    _ task: UndoTask, label: String, _ call: RecordedCall, _ begin: RunRecorder.Begin
  ) async throws -> UndoResult {
    let undoer = VersionRestorer(
      gateway: gateway, task: task, label: label, settleTime: configuration.settleTime,
      patience: configuration.undoPatience, time: configuration.time)
    let result = await undoer.run()
    let outcome: Result<Document, GatewayError> =
      if let error = result.error { .failure(error) } else { .success(result.runs.document) }
    var notes: [String: Document] = ["runs": result.runs.document]
    if let note = result.note { notes["note"] = .string(note) }
    try await recorder.end(call, begin, outcome, notes: .object(notes))
    return result
  }
}
