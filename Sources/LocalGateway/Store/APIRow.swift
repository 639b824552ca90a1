internal import GRDB
internal import GatewayAPI

/// An API as the store keeps it: its draft.
struct APIRow: Codable, FetchableRecord, PersistableRecord, Sendable {
  static let databaseTableName = "api"

  var id: String
  var group_id: String
  var name: String
  /// What was registered, as JSON.
  var definition: String
  var register_time: String
  var update_time: String

  /// - Throws: ``Fault``.
  static func get(_ id: String, _ db: Database) throws -> APIRow {
    guard let row = try fetchOne(db, key: id) else { throw Fault.api(id) }
    return row
  }

  /// The definition with what the gateway adds to it.
  func document(_ db: Database) throws -> Document {
    let group = try GroupRow.get(group_id, db)
    var members = APIDefinitionDocument.members(of: definition)
    members["id"] = .string(id)
    members["group_id"] = .string(group_id)
    members["name"] = .string(name)
    members["group_name"] = .string(group.name)
    members["status"] = 1
    members["arrange_necessary"] = 2
    members["register_time"] = .string(register_time)
    members["update_time"] = .string(update_time)
    members.merge(try PublicationRow.joined(api: id, db)) { _, new in new }
    return .object(members)
  }
}

/// The registered definition of an API.
enum APIDefinitionDocument {
  /// Its members; what is left out gets the documented default.
  static func members(of json: String) -> [String: Document] {
    var members = (try? Document(json: json))?.objectValue ?? [:]
    let defaults: [String: Document] = [
      "match_mode": "NORMAL", "cors": false, "remark": "", "tags": [], "req_params": [], "backend_params": [],
      "version": "",
    ]
    members.merge(defaults) { given, _ in given }
    return members
  }
}
