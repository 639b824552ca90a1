internal import GRDB
internal import GatewayAPI

/// Runs the state machine on the store: read the state, make the transition, write what it changed.
struct PublicationStore {
  let db: Database
  let rules: PublicationState.Rules
  let now: Timestamp

  func publish(_ apiID: String, in environmentID: String, remark: String?) throws -> Document {
    let name = try APIRow.name(of: apiID, db)
    try EnvironmentRow.require(environmentID, db)
    let versions = try versions(of: apiID)
    // Which of them is in effect does not matter: the new one will be.
    var state = PublicationState(versions: versions.filter { $0.environmentID == environmentID }.map(\.version))
    let version = PublicationState.Version(
      id: Identifier.growing(), number: VersionNumber.make(at: now, taken: Set(versions.map(\.version.number))))
    let dropped = state.publish(version)
    let publication = PublicationRow(
      api_id: apiID, env_id: environmentID, version_id: version.id, publish_id: Identifier.random(),
      publish_time: now.text)
    try db.executeKept(
      """
      INSERT INTO version (id, api_id, env_id, number, remark, publish_time, definition)
      SELECT ?, id, ?, ?, ?, ?, definition FROM api WHERE id = ?
      """, [version.id, environmentID, version.number, remark, publication.publish_time, apiID])
    try publication.setEffective(db)
    for version in dropped {
      try db.executeKept("DELETE FROM version WHERE id = ?", [version.id])
    }
    return document(publication, name: name, remark: remark)
  }

  func takeOffline(_ apiID: String, in environmentID: String, remark: String?) throws -> Document {
    let name = try APIRow.name(of: apiID, db)
    try EnvironmentRow.require(environmentID, db)
    var state = try state(of: apiID, in: environmentID)
    do {
      _ = try state.takeOffline(rules)
    } catch {
      throw Fault.publication(apiID)
    }
    try db.executeKept("DELETE FROM publication WHERE api_id = ? AND env_id = ?", [apiID, environmentID])
    if state.versions.isEmpty {
      try db.executeKept("DELETE FROM version WHERE api_id = ? AND env_id = ?", [apiID, environmentID])
    }
    return [
      "api_id": .string(apiID), "api_name": .string(name), "env_id": .string(environmentID),
      "remark": .string(remark ?? ""),
    ]
  }

  func switchVersion(_ apiID: String, to versionID: String) throws -> Document {
    let name = try APIRow.name(of: apiID, db)
    guard let version = try? VersionRow.get(versionID, db), version.api_id == apiID else {
      throw Fault.version(versionID)
    }
    var state = try state(of: apiID, in: version.env_id)
    do {
      try state.switchTo(versionID, rules)
    } catch {
      switch error {
      case .unknownVersion: throw Fault.version(versionID)
      case .notPublished: throw Fault.publication(apiID)
      }
    }
    let publication = PublicationRow(
      api_id: apiID, env_id: version.env_id, version_id: versionID, publish_id: Identifier.random(),
      publish_time: now.text)
    try publication.setEffective(db)
    return document(publication, name: name, remark: version.remark)
  }

  private func state(of apiID: String, in environmentID: String) throws -> PublicationState {
    var effective: String?
    try db.eachKept("SELECT version_id FROM publication WHERE api_id = ? AND env_id = ?", [apiID, environmentID]) {
      effective = $0[0]
    }
    let versions = try versions(of: apiID).filter { $0.environmentID == environmentID }.map(\.version)
    return PublicationState(versions: versions, effectiveID: effective)
  }

  /// The kept versions of all environments, newest first.
  private func versions(of apiID: String) throws -> [(environmentID: String, version: PublicationState.Version)] {
    var versions: [(environmentID: String, version: PublicationState.Version)] = []
    try db.eachKept("SELECT env_id, id, number FROM version WHERE api_id = ? ORDER BY position DESC", [apiID]) {
      versions.append(($0[0], PublicationState.Version(id: $0[1], number: $0[2])))
    }
    return versions
  }

  private func document(_ row: PublicationRow, name: String, remark: String?) -> Document {
    [
      "publish_id": .string(row.publish_id), "api_id": .string(row.api_id), "api_name": .string(name),
      "env_id": .string(row.env_id), "remark": .string(remark ?? ""), "publish_time": .string(row.publish_time),
      "version_id": .string(row.version_id),
    ]
  }
}
