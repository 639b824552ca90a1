internal import GatewayAPI

/// The names of the APIs and environments that a run changes: answers to changes tell IDs alone.
struct ChangeLabels: Sendable {
  private var apis: [String: String] = [:]
  private var environments: [String: String] = [:]

  mutating func note(api id: String, name: String) { apis[id] = name }
  mutating func note(environment id: String, name: String) { environments[id] = name }

  func knows(api id: String) -> Bool { apis[id] != nil }

  /// The change with the names that it lacks.
  func completing(_ change: APIChange) -> APIChange {
    var change = change
    change.apiName = change.apiName ?? apis[change.apiID]
    change.environmentName = change.environmentName ?? change.environmentID.flatMap { environments[$0] }
    return change
  }
}

extension ReleaseRun {
  /// Takes up the names that the run has come to know; nothing is asked for them.
  func learnNames(of targets: ChangeTargets) async {
    for id in targets.apiIDs where !labels.knows(api: id) {
      if let name = await names.name(of: .api, id: id) { labels.note(api: id, name: name) }
    }
    guard let id = targets.environmentID, let name = await names.name(of: .environment, id: id) else { return }
    labels.note(environment: id, name: name)
  }
}
