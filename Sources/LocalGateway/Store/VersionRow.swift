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
    VersionEntry(
      id: id, apiID: api_id, environmentID: env_id, environmentName: environment, number: number, remark: remark,
      publishTime: publish_time, isEffective: isEffective
    ).members.document
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

// Written out: what the compiler makes of `Codable` takes longer than the query. By position: each query for rows selects
// all columns, which stand in the table as they do here.
extension VersionRow {
  init(row: Row) {
    self.init(
      position: row[0], id: row[1], api_id: row[2], env_id: row[3], number: row[4], remark: row[5],
      publish_time: row[6], definition: row[7])
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
