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

  /// Where an API is published, in the form of lists: joined by `|`, in the order of environments.
  static func joined(api: String, _ db: Database) throws -> [String: Document] {
    let rows = try Row.fetchAll(
      db,
      sql: """
        SELECT p.env_id, e.name, p.publish_id, p.publish_time FROM publication p JOIN env e ON e.id = p.env_id
        WHERE p.api_id = ? ORDER BY e.create_time, e.id
        """, arguments: [api])
    func join(_ column: String) -> Document {
      .string(rows.map { $0[column] as String }.joined(separator: "|"))
    }
    return [
      "run_env_id": join("env_id"), "run_env_name": join("name"), "publish_id": join("publish_id"),
      "publish_time": join("publish_time"),
    ]
  }
}
