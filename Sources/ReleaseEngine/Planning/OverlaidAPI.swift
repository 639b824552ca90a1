internal import GatewayAPI

/// One API in one environment as a plan has it: what was read, and what the script made of it since.
struct OverlaidAPI: Sendable {
  let environmentID: String
  let environmentName: String?
  /// As it was read.
  let initial: PublicationState
  private(set) var state: PublicationState
  /// The history's records by version ID; their status is as it was read.
  private var records: [String: APIVersion]
  /// Of the publication in effect; nil while it is the one that was read.
  private(set) var publication: (id: String, time: String)?

  /// - Parameter history: the environment's versions, newest first.
  init(environmentID: String, environmentName: String?, history: [APIVersion]) {
    self.environmentID = environmentID
    self.environmentName = environmentName ?? history.first?.environmentName
    let versions = history.compactMap { version in
      version.versionID.map { PublicationState.Version(id: $0, number: version.versionNumber ?? $0) }
    }
    initial = PublicationState(versions: versions, effectiveID: history.first { $0.isEffective }?.versionID)
    state = initial
    records = Dictionary(
      history.compactMap { version in version.versionID.map { ($0, version) } }, uniquingKeysWith: { first, _ in first }
    )
  }

  /// Whether lists and histories no longer tell what they were read to tell.
  var isTouched: Bool { publication != nil || state != initial }

  var effective: PlannedVersion { version(state.effectiveID) }
  var initiallyEffective: PlannedVersion { version(initial.effectiveID) }

  func version(_ id: String?) -> PlannedVersion {
    guard let id else { return .none }
    return PlannedIDs.isPlanned(id) ? .made(id: id) : .kept(id: id, number: records[id]?.versionNumber)
  }

  func keeps(_ versionID: String) -> Bool { state.versions.contains { $0.id == versionID } }

  func remark(of versionID: String) -> String? { records[versionID]?.document["remark"]?.stringValue }

  /// - Returns: the numbers of the versions that had to go.
  mutating func publish(_ record: APIVersion, publishID: String) -> [String] {
    guard let id = record.versionID, let time = record.publishTime else { return [] }
    records[id] = record
    publication = (publishID, time)
    return state.publish(PublicationState.Version(id: id, number: record.versionNumber ?? id)).map(\.number)
  }

  mutating func takeOffline() throws(PublicationState.Refusal) {
    _ = try state.takeOffline(PublicationState.Rules())
    publication = nil
  }

  mutating func switchTo(_ id: String, publishID: String, time: String) throws(PublicationState.Refusal) {
    try state.switchTo(id, PublicationState.Rules())
    publication = (publishID, time)
  }

  /// The history as it would be read, newest first.
  var history: [APIVersion] {
    state.versions.compactMap { version in
      guard var members = records[version.id]?.document.objectValue else { return nil }
      members["status"] = version.id == state.effectiveID ? 1 : 2
      return APIVersion(document: .object(members))
    }
  }
}

extension API {
  /// The same as a list would give it after the changes of these environments.
  func overlaid(with states: [OverlaidAPI]) -> API {
    guard !states.isEmpty, var members = document.objectValue else { return self }
    var publishings = publishings
    for state in states where state.isTouched {
      let place = publishings.firstIndex { $0.environmentID == state.environmentID }
      if let publication = state.publication {
        let new = Publishing(
          environmentID: state.environmentID, environmentName: state.environmentName ?? state.environmentID,
          publishID: publication.id, publishTime: publication.time)
        if let place { publishings[place] = new } else { publishings.append(new) }
      } else if let place {
        publishings.remove(at: place)
      }
    }
    let columns: [(String, (Publishing) -> String?)] = [
      ("run_env_id", { $0.environmentID }), ("run_env_name", { $0.environmentName }),
      ("publish_id", { $0.publishID }), ("publish_time", { $0.publishTime }),
    ]
    for (name, value) in columns {
      members[name] = publishings.isEmpty ? .null : .string(publishings.map { value($0) ?? "-" }.joined(separator: "|"))
    }
    return API(document: .object(members))
  }
}
