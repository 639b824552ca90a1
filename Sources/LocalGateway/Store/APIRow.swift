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

  /// - Throws: ``Fault`` when there is no such API.
  static func require(_ id: String, _ db: Database) throws {
    guard try db.hasKept("SELECT 1 FROM api WHERE id = ?", [id]) else { throw Fault.api(id) }
  }

  /// - Throws: ``Fault`` when there is no such API.
  static func name(of id: String, _ db: Database) throws -> String {
    var name: String?
    try db.eachKept("SELECT name FROM api WHERE id = ?", [id]) { name = $0[0] }
    guard let name else { throw Fault.api(id) }
    return name
  }

  /// The definition with what the gateway adds to it.
  func document(_ db: Database) throws -> Document {
    Self.merged(definition, try AddedMembers(to: [self], db).members(of: self))
  }

  /// The same, printed.
  func printed(_ db: Database) throws -> [UInt8] { try Self.printed([self], db).dropLast() }

  /// The same for a page of them, a comma behind each, in as many queries as for one.
  static func printed(_ rows: [APIRow], _ db: Database) throws -> [UInt8] {
    let added = try AddedMembers(to: rows, db)
    var output: [UInt8] = []
    output.reserveCapacity(rows.count * 1024)
    for row in rows {
      let members = added.members(of: row)
      let defaults = APIDefinitionDocument.defaults
      if !PrintedObject.print(row.definition, adding: members, defaults: defaults, into: &output) {
        merged(row.definition, members).print(into: &output)
      }
      output.append(UInt8(ascii: ","))
    }
    return output
  }

  private static func merged(_ definition: String, _ added: [JSONMember]) -> Document {
    var members = APIDefinitionDocument.members(of: definition)
    for member in added { members["\(member.name)"] = member.value }
    return .object(members)
  }
}

// Written out: a page is many rows, and what the compiler makes of `Codable` takes longer than the query. By position:
// each query for rows selects all columns, which stand in the table as they do here.
extension APIRow {
  init(row: Row) {
    self.init(
      id: row[0], group_id: row[1], name: row[2], definition: row[3], register_time: row[4], update_time: row[5])
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
    var members = members
    for member in defaults where members["\(member.name)"] == nil { members["\(member.name)"] = member.value }
    return members
  }

  /// Sorted by name.
  static let defaults = [
    JSONMember("backend_params", []), JSONMember("cors", false), JSONMember("match_mode", "NORMAL"),
    JSONMember("remark", ""), JSONMember("req_params", []), JSONMember("tags", []), JSONMember("version", ""),
  ]
}
