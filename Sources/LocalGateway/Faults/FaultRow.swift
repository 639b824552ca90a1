internal import GRDB
internal import GatewayAPI

/// A rule as the store keeps it.
struct FaultRow: Codable, FetchableRecord, PersistableRecord, Sendable {
  static let databaseTableName = "fault"
  /// Rules of gateways that were killed are forgotten after this many seconds; a running one renews its own.
  private static let memory: Int64 = 7 * 86_400

  var position: Int64?
  var rule: String
  /// The gateway that it ends with; nil when it stays until it is cleared.
  var gateway: String?
  /// Seconds since 1970.
  var added: Int64
  var matched = 0
  var fired = 0

  /// - Parameters:
  ///   - gateway: the gateway that the rules end with; nil when they stay.
  ///   - caller: the gateway that adds them, which has not been killed; nil when no gateway does.
  static func add(_ rules: [FaultRule], gateway: String?, by caller: String?, now: Int64, _ db: Database) throws {
    try db.execute(
      sql: "DELETE FROM fault WHERE gateway IS NOT NULL AND gateway IS NOT ? AND added < ?",
      arguments: [caller, now - memory])
    for rule in rules {
      try FaultRow(position: nil, rule: rule.description, gateway: gateway, added: now).insert(db)
    }
  }

  /// Shows that a gateway with rules of its own is running.
  static func renew(for gateway: String, now: Int64, _ db: Database) throws {
    try db.execute(sql: "UPDATE fault SET added = ? WHERE gateway = ?", arguments: [now, gateway])
  }

  static func inForce(for gateway: String?, _ db: Database) throws -> [FaultRow] {
    try fetchAll(
      db, sql: "SELECT * FROM fault WHERE gateway IS NULL OR gateway = ? ORDER BY position", arguments: [gateway])
  }

  static func clear(for gateway: String?, _ db: Database) throws {
    try db.execute(sql: "DELETE FROM fault WHERE gateway IS NULL OR gateway = ?", arguments: [gateway])
  }

  var document: Document {
    ["rule": .string(rule), "matched": .integer(Int64(matched)), "fired": .integer(Int64(fired))]
  }
}
