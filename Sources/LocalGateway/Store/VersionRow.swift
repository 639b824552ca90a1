internal import GRDB
internal import GatewayAPI

/// A version: the definition that one publication froze.
struct VersionRow: Codable, FetchableRecord, PersistableRecord, Sendable {
  static let databaseTableName = "version"

  /// Grows with every version; made by the store.
  var position: Int64?
  var id: String
  var api_id: String
  var env_id: String
  var number: String
  var remark: String?
  var publish_time: String
  var definition: String

  /// - Throws: ``Fault``.
  static func get(_ id: String, _ db: Database) throws -> VersionRow {
    let found = try SQLRequest<VersionRow>.kept("SELECT * FROM version WHERE id = ?", [id]).fetchOne(db)
    guard let row = found else { throw Fault.version(id) }
    return row
  }

  /// An entry of the history.
  func document(environment: String, isEffective: Bool) -> Document {
    [
      "version_id": .string(id), "version_no": .string(number), "api_id": .string(api_id), "env_id": .string(env_id),
      "env_name": .string(environment), "remark": .string(remark ?? ""), "publish_time": .string(publish_time),
      "status": isEffective ? 1 : 2,
    ]
  }

  /// The frozen definition with what the gateway adds to it.
  func definitionDocument(_ db: Database) throws -> Document {
    let api = try APIRow.get(api_id, db)
    let group = try GroupRow.get(api.group_id, db)
    let environment = try EnvironmentRow.get(env_id, db)
    guard var members = try api.document(db).objectValue else { return .null }
    members.merge(APIDefinitionDocument.members(of: definition)) { _, frozen in frozen }
    members["version_id"] = .string(id)
    members["sl_domain"] = .string(group.domain)
    members["sl_domains"] = [.string(group.domain)]
    members["run_env_id"] = .string(env_id)
    members["run_env_name"] = .string(environment.name)
    members["publish_time"] = .string(publish_time)
    return .object(members)
  }
}

// Written out: what the compiler makes of `Codable` takes longer than the query.
extension VersionRow {
  init(row: Row) {
    self.init(
      position: row["position"], id: row["id"], api_id: row["api_id"], env_id: row["env_id"], number: row["number"],
      remark: row["remark"], publish_time: row["publish_time"], definition: row["definition"])
  }

  func encode(to container: inout PersistenceContainer) {
    container["position"] = position
    container["id"] = id
    container["api_id"] = api_id
    container["env_id"] = env_id
    container["number"] = number
    container["remark"] = remark
    container["publish_time"] = publish_time
    container["definition"] = definition
  }
}
