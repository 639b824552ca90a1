internal import GRDB
internal import GatewayAPI

/// An environment as the store keeps it.
struct EnvironmentRow: Codable, FetchableRecord, PersistableRecord, Sendable {
  static let databaseTableName = "env"

  var id: String
  var name: String
  var remark: String?
  var create_time: String

  /// - Throws: ``Fault``.
  static func get(_ id: String, _ db: Database) throws -> EnvironmentRow {
    let found = try SQLRequest<EnvironmentRow>.kept("SELECT * FROM env WHERE id = ?", [id]).fetchOne(db)
    guard let row = found else { throw Fault.environment(id) }
    return row
  }

  /// - Throws: ``Fault`` when there is no such environment.
  static func require(_ id: String, _ db: Database) throws {
    guard try db.hasKept("SELECT 1 FROM env WHERE id = ?", [id]) else { throw Fault.environment(id) }
  }

  var document: Document {
    [
      "id": .string(id), "name": .string(name), "remark": .string(remark ?? ""), "create_time": .string(create_time),
    ]
  }
}
