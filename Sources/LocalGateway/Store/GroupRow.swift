internal import GRDB
internal import GatewayAPI

/// An API group as the store keeps it.
struct GroupRow: Codable, FetchableRecord, PersistableRecord, Sendable {
  static let databaseTableName = "api_group"

  var id: String
  var name: String
  var remark: String?
  var register_time: String
  var update_time: String

  /// - Throws: ``Fault``.
  static func get(_ id: String, _ db: Database) throws -> GroupRow {
    let found = try SQLRequest<GroupRow>.kept("SELECT * FROM api_group WHERE id = ?", [id]).fetchOne(db)
    guard let row = found else { throw Fault.group(id) }
    return row
  }

  /// By ID.
  static func names(of ids: Set<String>, _ db: Database) throws -> [String: String] {
    var names: [String: String] = [:]
    for id in ids {
      try db.eachKept("SELECT name FROM api_group WHERE id = ?", [id]) { names[id] = $0[0] }
    }
    return names
  }

  /// The debugging domain that the gateway gives the group.
  var domain: String { "\(id).apic.local" }

  var document: Document {
    [
      "id": .string(id), "name": .string(name), "status": 1, "sl_domain": .string(domain),
      "sl_domains": [.string(domain)], "sl_domain_access_enabled": true, "register_time": .string(register_time),
      "update_time": .string(update_time), "on_sell_status": 2, "url_domains": [], "is_default": 2,
      "remark": .string(remark ?? ""),
    ]
  }
}
