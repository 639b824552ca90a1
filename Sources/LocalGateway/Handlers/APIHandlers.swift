internal import GRDB
internal import GatewayAPI

extension Handlers {
  /// The most APIs of a group, by default quota.
  static let maximumAPIsPerGroup = 1000

  mutating func addAPIs() {
    on(ListAPIs.self) { call, transaction in try list(call, transaction.db) }
    on(GetAPI.self) { call, transaction in
      try APIRow.get(call.required("api_id"), transaction.db).document(transaction.db)
    }
    on(CreateAPI.self) { call, transaction in
      let definition = try APIBody(call.values["definition"], transaction.db)
      let count = try APIRow.filter(Column("group_id") == definition.groupID).fetchCount(transaction.db)
      guard count < Handlers.maximumAPIsPerGroup else { throw Fault.quota("APIG.3125", "APIs in the API group") }
      let row = APIRow(
        id: Identifier.random(), group_id: definition.groupID, name: definition.name,
        definition: definition.json, register_time: transaction.now.text, update_time: transaction.now.text)
      try definition.requireFreeName(except: nil, transaction.db)
      try row.insert(transaction.db)
      return try row.document(transaction.db)
    }
    on(UpdateAPI.self) { call, transaction in
      var row = try APIRow.get(call.required("api_id"), transaction.db)
      let definition = try APIBody(call.values["definition"], transaction.db)
      try definition.requireFreeName(except: row.id, transaction.db)
      row.group_id = definition.groupID
      row.name = definition.name
      row.definition = definition.json
      row.update_time = transaction.now.text
      try row.update(transaction.db)
      return try row.document(transaction.db)
    }
    on(DeleteAPI.self) { call, transaction in
      let row = try APIRow.get(call.required("api_id"), transaction.db)
      guard try PublicationRow.filter(Column("api_id") == row.id).isEmpty(transaction.db) else {
        throw Fault(403, .apiIsPublished, "The API cannot be deleted because it has been published")
      }
      try transaction.db.execute(sql: "DELETE FROM version WHERE api_id = ?", arguments: [row.id])
      try row.delete(transaction.db)
      return nil
    }
    on(DebugAPI.self) { call, transaction in try DebugHandler(call: call, transaction: transaction).document() }
  }
}

@Sendable private func list(_ call: Call, _ db: Database) throws -> Document {
  var filter = ListFilter(call, columns: ["id", "name"])
  if let groupID = call.text("group_id") {
    _ = try GroupRow.get(groupID, db)
    filter.add("group_id = ?", [groupID])
  }
  if let environmentID = call.text("env_id") {
    _ = try EnvironmentRow.get(environmentID, db)
    filter.add("id IN (SELECT api_id FROM publication WHERE env_id = ?)", [environmentID])
  }
  for (name, isWhole) in [("req_method", true), ("req_protocol", true), ("auth_type", true), ("req_uri", false)] {
    guard let text = call.text(name) else { continue }
    filter.add(
      isWhole ? "json_extract(definition, '$.\(name)') = ?" : "instr(json_extract(definition, '$.\(name)'), ?) > 0",
      [text])
  }
  if let type = call.values["type"]?.integerValue { filter.add("json_extract(definition, '$.type') = ?", [type]) }
  if let tag = call.text("tags") {
    filter.add("EXISTS (SELECT 1 FROM json_each(definition, '$.tags') WHERE value = ?)", [tag])
  }
  let paging = Paging(call)
  let rows = try APIRow.fetchAll(
    db, sql: "SELECT * FROM api \(filter.sql) ORDER BY register_time, rowid LIMIT ? OFFSET ?",
    arguments: filter.arguments + [paging.limit, paging.offset])
  return paging.document("apis", try rows.map { try $0.document(db) }, total: try filter.count(in: "api", db))
}

/// The body of registering or modifying an API, with what the gateway insists on.
private struct APIBody {
  let groupID: String
  let name: String
  let json: String

  private static let required = [
    "name", "req_protocol", "req_method", "req_uri", "auth_type", "backend_type", "group_id",
  ]
  private static let methods = ["GET", "POST", "PUT", "DELETE", "HEAD", "PATCH", "OPTIONS", "ANY"]

  /// - Throws: ``Fault``.
  init(_ body: Document?, _ db: Database) throws {
    guard let body, case .object = body else { throw Fault.unreadable("unexpected end of JSON input") }
    for name in Self.required {
      guard let value = body[name], value != .null, value != "" else { throw Fault.missing(name) }
      guard value.stringValue != nil else {
        throw Fault.unreadable("json: cannot unmarshal \(value.typeName) into field \(name)")
      }
    }
    guard let type = body["type"] else { throw Fault.missing("type") }
    guard let type = type.integerValue, [1, 2].contains(type) else { throw Fault.invalid("type") }
    guard let name = body["name"]?.stringValue, name.count >= 3, name.count <= 255 else { throw Fault.invalid("name") }
    guard let method = body["req_method"]?.stringValue, Self.methods.contains(method) else {
      throw Fault.invalid("req_method")
    }
    guard let uri = body["req_uri"]?.stringValue, uri.hasPrefix("/") else { throw Fault.invalid("req_uri") }
    groupID = body["group_id"]?.stringValue ?? ""
    self.name = name
    json = body.jsonText
    _ = try GroupRow.get(groupID, db)
  }

  func requireFreeName(except id: String?, _ db: Database) throws {
    let same = APIRow.filter(Column("group_id") == groupID && Column("name") == name)
    if let other = try same.fetchOne(db), other.id != id {
      throw Fault(400, .apiNameTaken, "The API name already exists")
    }
  }
}
