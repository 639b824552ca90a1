import GatewayAPI

/// The account of what a run changed: one entry per API and environment.
struct ChangeLedger: Sendable {
  private struct Key: Hashable {
    let apiID: String
    let environmentID: String?
  }

  private(set) var changes: [APIChange] = []
  private(set) var others: [OtherChange] = []
  private var positions: [Key: Int] = [:]
  private var before: [Key: RunningVersion] = [:]

  /// Whether what an environment ran before is still to be read.
  func isNew(_ apiID: String, in environmentID: String?) -> Bool {
    let key = Key(apiID: apiID, environmentID: environmentID)
    return before[key] == nil && positions[key] == nil
  }

  mutating func setBefore(_ apiID: String, in environmentID: String?, effective: APIVersion?) {
    let key = Key(apiID: apiID, environmentID: environmentID)
    if let effective, let id = effective.versionID {
      before[key] = .version(id: id, number: effective.versionNumber)
    } else {
      before[key] = RunningVersion.none
    }
  }

  /// Enters what an operation did.
  ///
  /// - Returns: the entries it made or changed.
  mutating func record(_ outcome: ChangeOutcome, of targets: ChangeTargets) -> [APIChange] {
    switch outcome {
    case .published(let publication):
      return targets.apiIDs.map { enter(publication, api: $0, targets: targets) }
    case .batch(let result):
      let successes = result.success.map { enter($0, api: $0.apiID ?? "", targets: targets) }
      let failures = result.failure.map { failure in
        var error = GatewayError(failure)
        error.operation = targets.operation
        return enter(error, api: failure.apiID ?? "", name: failure.apiName, targets: targets)
      }
      return successes + failures
    case .other:
      count(targets.operation, isUnknown: false)
      return []
    case .failed(let error):
      if !targets.areReleased || targets.apiIDs.isEmpty {
        if error.kind == .unknownOutcome { count(targets.operation, isUnknown: true) }
        return []
      }
      return targets.apiIDs.map { enter(error, api: $0, name: nil, targets: targets) }
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

  private mutating func enter(_ publication: Publication, api: String, targets: ChangeTargets) -> APIChange {
    let environmentID = publication.environmentID ?? targets.environmentID
    return update(api, name: publication.apiName, in: environmentID, targets: targets) { change in
      change.state = .changed
      change.error = nil
      change.after =
        targets.takesOffline ? .none : publication.versionID.map { .version(id: $0, number: nil) } ?? .notRead
    }
  }

  private mutating func enter(_ error: GatewayError, api: String, name: String?, targets: ChangeTargets) -> APIChange {
    update(api, name: name, in: targets.environmentID, targets: targets) { change in
      change.state = error.kind == .unknownOutcome ? .unknown : .failed
      change.error = error
      change.after = error.kind == .unknownOutcome ? .notRead : change.after
    }
  }

  private mutating func count(_ operation: String, isUnknown: Bool) {
    if let index = others.firstIndex(where: { $0.operation == operation && $0.isUnknown == isUnknown }) {
      others[index].count += 1
    } else {
      others.append(OtherChange(operation: operation, isUnknown: isUnknown, count: 1))
    }
  }

  private mutating func update(
    _ apiID: String, name: String?, in environmentID: String?, targets: ChangeTargets,
    _ modify: (inout APIChange) -> Void
  ) -> APIChange {
    let key = Key(apiID: apiID, environmentID: environmentID)
    let position: Int
    if let known = positions[key] {
      position = known
    } else {
      position = changes.count
      let running = before[key] ?? .notRead
      changes.append(
        APIChange(
          apiID: apiID, environmentID: environmentID, operation: targets.operation, before: running, after: running,
          state: .unchanged))
      positions[key] = position
    }
    if let name { changes[position].apiName = name }
    changes[position].operation = targets.operation
    modify(&changes[position])
    return changes[position]
  }
}
