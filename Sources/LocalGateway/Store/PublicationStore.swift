internal import GRDB
internal import GatewayAPI

/// Runs the state machine on the store: read the state, make the transition, write what it changed.
struct PublicationStore {
  let db: Database
  let rules: PublicationState.Rules
  let now: Timestamp

  func publish(_ apiID: String, in environmentID: String, remark: String?) throws -> Document {
    let api = try APIRow.get(apiID, db)
    let environment = try EnvironmentRow.get(environmentID, db)
    var state = try state(of: apiID, in: environment.id)
    let taken = try SQLRequest<String>.kept("SELECT number FROM version WHERE api_id = ?", [apiID]).fetchSet(db)
    let version = PublicationState.Version(
      id: Identifier.random(), number: VersionNumber.make(at: now, taken: taken))
    let dropped = state.publish(version)
    try VersionRow(
      position: nil, id: version.id, api_id: apiID, env_id: environment.id, number: version.number, remark: remark,
      publish_time: now.text, definition: api.definition
    ).insert(db)
    let publication = try setEffective(version.id, of: apiID, in: environment.id)
    for version in dropped {
      try db.executeKept("DELETE FROM version WHERE id = ?", [version.id])
    }
    return document(publication, api: api, remark: remark)
  }

  func takeOffline(_ apiID: String, in environmentID: String, remark: String?) throws -> Document {
    let api = try APIRow.get(apiID, db)
    let environment = try EnvironmentRow.get(environmentID, db)
    var state = try state(of: apiID, in: environment.id)
    do {
      _ = try state.takeOffline(rules)
    } catch {
      throw Fault.publication(apiID)
    }
    try db.executeKept("DELETE FROM publication WHERE api_id = ? AND env_id = ?", [apiID, environment.id])
    if state.versions.isEmpty {
      try db.executeKept("DELETE FROM version WHERE api_id = ? AND env_id = ?", [apiID, environment.id])
    }
    return [
      "api_id": .string(apiID), "api_name": .string(api.name), "env_id": .string(environment.id),
      "remark": .string(remark ?? ""),
    ]
  }

  func switchVersion(_ apiID: String, to versionID: String) throws -> Document {
    let api = try APIRow.get(apiID, db)
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
    let publication = try setEffective(versionID, of: apiID, in: version.env_id)
    return document(publication, api: api, remark: version.remark)
  }

  private func state(of apiID: String, in environmentID: String) throws -> PublicationState {
    let versions = try SQLRequest<Row>.kept(
      "SELECT id, number FROM version WHERE api_id = ? AND env_id = ? ORDER BY position DESC", [apiID, environmentID]
    ).fetchAll(db)
    let effective = try SQLRequest<String>.kept(
      "SELECT version_id FROM publication WHERE api_id = ? AND env_id = ?", [apiID, environmentID]
    ).fetchOne(db)
    return PublicationState(
      versions: versions.map { PublicationState.Version(id: $0["id"], number: $0["number"]) }, effectiveID: effective)
  }

  private func setEffective(_ versionID: String, of apiID: String, in environmentID: String) throws -> PublicationRow {
    let row = PublicationRow(
      api_id: apiID, env_id: environmentID, version_id: versionID, publish_id: Identifier.random(),
      publish_time: now.text)
    try row.save(db)
    return row
  }

  private func document(_ row: PublicationRow, api: APIRow, remark: String?) -> Document {
    [
      "publish_id": .string(row.publish_id), "api_id": .string(row.api_id), "api_name": .string(api.name),
      "env_id": .string(row.env_id), "remark": .string(remark ?? ""), "publish_time": .string(row.publish_time),
      "version_id": .string(row.version_id),
    ]
  }
}
