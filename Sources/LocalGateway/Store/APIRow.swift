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
    let found = try SQLRequest<APIRow>.kept("SELECT * FROM api WHERE id = ?", [id]).fetchOne(db)
    guard let row = found else { throw Fault.api(id) }
    return row
  }

  /// The definition with what the gateway adds to it.
  func document(_ db: Database) throws -> Document {
    try Self.documents([self], db).first ?? .null
  }

  /// The same for a page of them, in as many queries as for one.
  static func documents(_ rows: [APIRow], _ db: Database) throws -> [Document] {
    let groupIDs = Document.array(Set(rows.map(\.group_id)).map(Document.string)).jsonText
    let groups = try SQLRequest<Row>.kept(
      "SELECT id, name FROM api_group WHERE id IN (SELECT value FROM json_each(?))", [groupIDs]
    ).fetchAll(db)
    let groupNames = Dictionary(
      groups.map { ($0["id"] as String, $0["name"] as String) }, uniquingKeysWith: { first, _ in first })
    let publications = try PublicationRow.joined(apis: rows.map(\.id), db)
    return rows.map { row in
      var members = APIDefinitionDocument.members(of: row.definition)
      members["id"] = .string(row.id)
      members["group_id"] = .string(row.group_id)
      members["name"] = .string(row.name)
      members["group_name"] = .string(groupNames[row.group_id] ?? "")
      members["status"] = 1
      members["arrange_necessary"] = 2
      members["register_time"] = .string(row.register_time)
      members["update_time"] = .string(row.update_time)
      members.merge(PublicationRow.members(of: publications[row.id] ?? [])) { _, new in new }
      return .object(members)
    }
  }
}

// Written out: a page is many rows, and what the compiler makes of `Codable` takes longer than the query.
extension APIRow {
  init(row: Row) {
    self.init(
      id: row["id"], group_id: row["group_id"], name: row["name"], definition: row["definition"],
      register_time: row["register_time"], update_time: row["update_time"])
  }
}

/// The registered definition of an API.
enum APIDefinitionDocument {
  /// Its members; what is left out gets the documented default.
  static func members(of json: String) -> [String: Document] {
    filled((try? Document(json: json))?.objectValue ?? [:])
  }

  /// The same members with the defaults of those that are left out.
  static func filled(_ members: [String: Document]) -> [String: Document] {
    members.merging(defaults) { given, _ in given }
  }

  private static let defaults: [String: Document] = [
    "match_mode": "NORMAL", "cors": false, "remark": "", "tags": [], "req_params": [], "backend_params": [],
    "version": "",
  ]
}
