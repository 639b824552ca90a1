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

  /// Where an API is published.
  struct Place {
    let environmentID: String
    let environmentName: String
    let publishID: String
    let publishTime: String
  }

  /// Where APIs are published, in the order of environments, by the APIs' IDs.
  static func places(of apis: [String], _ db: Database) throws -> [String: [Place]] {
    var places: [String: [Place]] = [:]
    try db.eachKept(
      """
      SELECT p.api_id, p.env_id, e.name, p.publish_id, p.publish_time FROM publication p JOIN env e ON e.id = p.env_id
      WHERE p.api_id IN (SELECT value FROM json_each(?)) ORDER BY e.create_time, e.id
      """, [Document.array(apis.map(Document.string)).jsonText]
    ) { row in
      let place = Place(environmentID: row[1], environmentName: row[2], publishID: row[3], publishTime: row[4])
      places[row[0], default: []].append(place)
    }
    return places
  }
}

extension PublicationRow {
  /// Makes its version the one that runs, whatever ran before.
  func setEffective(_ db: Database) throws {
    try db.executeKept(
      """
      INSERT INTO publication (api_id, env_id, version_id, publish_id, publish_time) VALUES (?, ?, ?, ?, ?)
      ON CONFLICT (api_id, env_id) DO UPDATE SET
        version_id = excluded.version_id, publish_id = excluded.publish_id, publish_time = excluded.publish_time
      """, [api_id, env_id, version_id, publish_id, publish_time])
  }

  // Written out: what the compiler makes of `Codable` takes longer than the change.
  func encode(to container: inout PersistenceContainer) {
    container["api_id"] = api_id
    container["env_id"] = env_id
    container["version_id"] = version_id
    container["publish_id"] = publish_id
    container["publish_time"] = publish_time
  }
}
