internal import GRDB
internal import GatewayAPI

/// The record of what was in effect before each publication, switch and removal: written by the store's triggers,
/// whoever changes it, and read by a data plane that sees changes late.
enum EffectChanges {
  /// Number of the last change.
  static func last(_ db: Database) throws -> Int64 {
    try Int64.fetchOne(db.cachedStatement(sql: "SELECT max(position) FROM effect_change")) ?? 0
  }

  /// Puts the gateway's own time on the changes of a transaction; the triggers know only the real one.
  ///
  /// - Parameter position: the last change before the transaction.
  static func stamp(after position: Int64, _ now: Timestamp, _ db: Database) throws {
    let statement = try db.cachedStatement(sql: "UPDATE effect_change SET moment = ? WHERE position > ?")
    try statement.execute(arguments: [now.microseconds, position])
  }

  /// Makes the changes of a transaction seen at once.
  ///
  /// - Parameter position: the last change before the transaction.
  static func forget(after position: Int64, _ db: Database) throws {
    try db.execute(sql: "DELETE FROM effect_change WHERE position > ?", arguments: [position])
  }

  /// Changes of an environment behind a position, oldest first.
  static func changes(
    after position: Int64, in environmentID: String, _ db: Database
  ) throws -> [(position: Int64, apiID: String, moment: Int64)] {
    try Row.fetchAll(
      db,
      sql: "SELECT position, api_id, moment FROM effect_change WHERE position > ? AND env_id = ? ORDER BY position",
      arguments: [position, environmentID]
    ).map { ($0["position"], $0["api_id"], $0["moment"]) }
  }

  /// Number of the first change that is still kept.
  static func first(_ db: Database) throws -> Int64 {
    try Int64.fetchOne(db, sql: "SELECT min(position) FROM effect_change") ?? 0
  }

  /// The route that an API had at a moment; nil when none was in effect.
  ///
  /// - Parameter moment: microseconds since 1970.
  static func route(of apiID: String, in environmentID: String, at moment: Int64, _ db: Database) throws -> Route? {
    let before = try Row.fetchOne(
      db,
      sql: """
        SELECT version_id, version_number AS number, definition, '' AS group_id FROM effect_change
        WHERE api_id = ? AND env_id = ? AND moment > ? ORDER BY position LIMIT 1
        """, arguments: [apiID, environmentID, moment])
    let row =
      try before
      ?? Row.fetchOne(
        db, sql: current + " WHERE p.api_id = ? AND p.env_id = ?", arguments: [apiID, environmentID])
    return row.flatMap { route(apiID, $0) }
  }

  /// Every route that is in effect in an environment now.
  static func routes(in environmentID: String, _ db: Database) throws -> [Route] {
    try Row.fetchAll(db, sql: current + " WHERE p.env_id = ?", arguments: [environmentID])
      .compactMap { route($0["api_id"], $0) }
  }

  private static let current = """
    SELECT p.api_id, p.version_id, v.number, v.definition, a.group_id
    FROM publication p JOIN version v ON v.id = p.version_id JOIN api a ON a.id = p.api_id
    """

  private static func route(_ apiID: String, _ row: Row) -> Route? {
    guard let id = row["version_id"] as String?, let number = row["number"] as String?,
      let definition = row["definition"] as String?
    else { return nil }
    return Route(apiID: apiID, groupID: row["group_id"], definition: definition, version: (id, number))
  }
}
