internal import GatewayAPI

/// The account of what a run changed: every step, and per API and environment their sum.
struct ChangeLedger: Sendable {
  struct Key: Hashable, Sendable {
    let apiID: String
    let environmentID: String?
  }

  /// One step: what an operation did to one API. `before` is what the environment ran just before it.
  struct Step: Sendable {
    let place: Place
    var change: APIChange

    var key: Key { Key(apiID: change.apiID, environmentID: change.environmentID) }
    /// Whether there is, or may be, something to undo.
    var isStanding: Bool { change.state == .changed || change.state == .unknown || change.state == .undoFailed }
  }

  /// Where a step belongs.
  struct Place: Sendable {
    /// The operation's intent in the journal.
    let sequence: Int64
    /// Which of the script's concurrent tasks made it.
    let branch: String
    /// How many undo scopes had been opened by then.
    let epoch: Int64
    /// The calls back that led to it.
    var callbacks: [CallOrigin.Callback] = []
  }

  /// What the gateway is called in the run.
  let gateway: String
  private(set) var changes: [APIChange] = []
  private(set) var others: [OtherChange] = []
  private(set) var steps: [Step] = []
  private var positions: [Key: Int] = [:]
  /// What ran when this part of the run first looked.
  private var before: [Key: RunningVersion] = [:]
  /// What this part of the run has changed, so that it knows what runs.
  private var touched: Set<Key> = []

  init(gateway: String) { self.gateway = gateway }

  /// What the environment ran when this part of the run first looked; nil when it did not look yet.
  func firstSeen(_ apiID: String, in environmentID: String?) -> RunningVersion? {
    before[Key(apiID: apiID, environmentID: environmentID)]
  }

  /// Begins a part of the run that knows nothing of what runs: others may have changed it since.
  mutating func beginPart() {
    before = [:]
    touched = []
  }

  /// Enters what a journal says that ran before a change; another version than was known began a new part of the run.
  mutating func restoreBefore(_ apiID: String, in environmentID: String?, _ version: RunningVersion) {
    let key = Key(apiID: apiID, environmentID: environmentID)
    if let known = before[key], known != .notRead, !known.isSame(as: version) {
      before[key] = nil
      touched.remove(key)
    }
    setBefore(apiID, in: environmentID, version)
  }

  mutating func setBefore(_ apiID: String, in environmentID: String?, _ version: RunningVersion) {
    let key = Key(apiID: apiID, environmentID: environmentID)
    if let known = before[key], known != .notRead { return }
    before[key] = version
    guard touched.contains(key), let position = positions[key], changes[position].before == .notRead else { return }
    changes[position].before = version
  }

  /// Enters what an operation did.
  ///
  /// - Returns: what it did to each API, as steps.
  mutating func record(
    _ outcome: ChangeOutcome, of targets: ChangeTargets, at place: Place, named labels: ChangeLabels = ChangeLabels()
  ) -> [APIChange] {
    var entered: [APIChange] = []
    for change in stepChanges(outcome, of: targets) { entered.append(enter(labels.completing(change), at: place)) }
    if case .other = outcome { count(targets.operation, isUnknown: false) }
    if case .failed(let error) = outcome, !targets.areReleased || targets.apiIDs.isEmpty,
      error.kind == .unknownOutcome
    {
      count(targets.operation, isUnknown: true)
    }
    return entered
  }

  /// Enters one step as it is: made now, or read in the journal.
  @discardableResult
  mutating func enter(_ change: APIChange, at place: Place) -> APIChange {
    let key = Key(apiID: change.apiID, environmentID: change.environmentID)
    var change = change
    if let position = positions[key] {
      var sum = changes[position]
      change.share(sum)
      if change.before == .notRead { change.before = current(key) }
      sum.apiName = change.apiName ?? sum.apiName
      sum.environmentName = change.environmentName ?? sum.environmentName
      sum.operation = change.operation
      // A later failure does not make undone what an earlier operation did.
      let stands = [.changed, .unknown, .undoFailed].contains(sum.state)
      if !stands, !touched.contains(key) { sum.before = change.before }
      if change.state != .failed || !stands {
        sum.state = change.state
        sum.error = change.error
      }
      if change.state != .failed { sum.after = change.after }
      changes[position] = sum
    } else {
      let first = before[key] ?? change.before
      if change.before == .notRead { change.before = first }
      if change.state == .failed { change.after = first }
      var sum = change
      sum.before = first
      positions[key] = changes.count
      changes.append(sum)
    }
    if before[key] == nil { before[key] = change.before }
    touched.insert(key)
    steps.append(Step(place: place, change: change))
    return change
  }

  /// Takes note of how the undo of steps ended.
  mutating func settleUndo(_ key: Key, steps sequences: Set<Int64>, _ result: UndoResult) {
    for index in steps.indices where steps[index].key == key && sequences.contains(steps[index].place.sequence) {
      steps[index].change.state = result.error == nil ? .undone : .undoFailed
    }
    guard let position = positions[key] else { return }
    changes[position].after = result.runs
    changes[position].error = result.error
    changes[position].note = result.note
    if result.error != nil {
      changes[position].state = .undoFailed
    } else {
      // What an outer part of the run did before still stands.
      let stands = steps.contains { $0.key == key && $0.isStanding }
      changes[position].state = stands ? .changed : .undone
    }
  }

  /// Adds the number of the version that a change made.
  mutating func complete(_ change: APIChange, with version: APIVersion) {
    guard let position = positions[Key(apiID: change.apiID, environmentID: change.environmentID)],
      let id = version.versionID
    else { return }
    changes[position].after = .version(id: id, number: version.versionNumber)
    changes[position].environmentName = version.environmentName
  }

  /// Adds names that the run has come to know.
  mutating func complete(_ change: APIChange, apiName: String?, environmentName: String?) {
    guard let position = positions[Key(apiID: change.apiID, environmentID: change.environmentID)] else { return }
    changes[position].apiName = changes[position].apiName ?? apiName
    changes[position].environmentName = changes[position].environmentName ?? environmentName
  }

  mutating func count(_ operation: String, isUnknown: Bool) {
    if let index = others.firstIndex(where: { $0.operation == operation && $0.isUnknown == isUnknown }) {
      others[index].count += 1
    } else {
      others.append(OtherChange(operation: operation, isUnknown: isUnknown, count: 1))
    }
  }

  // MARK: - From outcomes to steps

  private func stepChanges(_ outcome: ChangeOutcome, of targets: ChangeTargets) -> [APIChange] {
    switch outcome {
    case .published(let publication): return targets.apiIDs.map { step(publication, api: $0, targets) }
    case .batch(let result):
      let failures = result.failure.map { failure in
        var error = GatewayError(failure)
        error.operation = targets.operation
        return step(error, api: failure.apiID ?? "", name: failure.apiName, targets)
      }
      return result.success.map { step($0, api: $0.apiID ?? "", targets) } + failures
    case .other: return []
    case .failed(let error):
      guard targets.areReleased else { return [] }
      return targets.apiIDs.map { step(error, api: $0, name: nil, targets) }
    }
  }

  private func step(_ publication: Publication, api: String, _ targets: ChangeTargets) -> APIChange {
    let environmentID = publication.environmentID ?? targets.environmentID
    return APIChange(
      gateway: gateway, apiID: api, apiName: publication.apiName, environmentID: environmentID,
      operation: targets.operation,
      before: current(api, environmentID),
      after: targets.takesOffline ? .none : publication.versionID.map { .version(id: $0, number: nil) } ?? .notRead,
      state: .changed)
  }

  private func step(_ error: GatewayError, api: String, name: String?, _ targets: ChangeTargets) -> APIChange {
    let current = current(api, targets.environmentID)
    let isUnknown = error.kind == .unknownOutcome
    return APIChange(
      gateway: gateway, apiID: api, apiName: name, environmentID: targets.environmentID, operation: targets.operation,
      before: current,
      after: isUnknown ? .notRead : current, state: isUnknown ? .unknown : .failed, error: error)
  }

  private func current(_ apiID: String, _ environmentID: String?) -> RunningVersion {
    current(Key(apiID: apiID, environmentID: environmentID))
  }

  private func current(_ key: Key) -> RunningVersion {
    guard touched.contains(key), let position = positions[key] else { return before[key] ?? .notRead }
    return changes[position].after
  }
}

/// How the undo of one API ended.
struct UndoResult: Sendable {
  /// What the environment runs now.
  var runs: RunningVersion
  /// Why it is not what it should be.
  var error: GatewayError?
  /// What was not exact about it.
  var note: String?
}
