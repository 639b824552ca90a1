internal import GRDB
internal import GatewayAPI

/// Which version an environment runs of an API.
struct PublicationRow: Codable, FetchableRecord, PersistableRecord, Sendable {
  static let databaseTableName = "publication"

  var api_id: String
  var env_id: String
  var version_id: String
  var publish_id: String
  var publish_time: String

  /// Where APIs are published, in the order of environments, by the APIs' IDs.
  static func joined(apis: [String], _ db: Database) throws -> [String: [Row]] {
    let rows = try SQLRequest<Row>.kept(
      """
      SELECT p.api_id, p.env_id, e.name, p.publish_id, p.publish_time FROM publication p JOIN env e ON e.id = p.env_id
      WHERE p.api_id IN (SELECT value FROM json_each(?)) ORDER BY e.create_time, e.id
      """, [Document.array(apis.map(Document.string)).jsonText]
    ).fetchAll(db)
    return Dictionary(grouping: rows) { $0["api_id"] }
  }

  /// The form that lists have: joined by `|`.
  static func members(of rows: [Row]) -> [String: Document] {
    func join(_ column: String) -> Document {
      .string(rows.map { $0[column] as String }.joined(separator: "|"))
    }
    return [
      "run_env_id": join("env_id"), "run_env_name": join("name"), "publish_id": join("publish_id"),
      "publish_time": join("publish_time"),
    ]
  }
}

// Written out: what the compiler makes of `Codable` takes longer than the change.
extension PublicationRow {
  func encode(to container: inout PersistenceContainer) {
    container["api_id"] = api_id
    container["env_id"] = env_id
    container["version_id"] = version_id
    container["publish_id"] = publish_id
    container["publish_time"] = publish_time
  }
}
