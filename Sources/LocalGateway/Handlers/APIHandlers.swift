internal import GRDB
internal import GatewayAPI

extension Handlers {
  /// The most APIs of a group, by default quota.
  static let maximumAPIsPerGroup = 1000
  /// The most APIs of a gateway: what the largest edition has.
  static let maximumAPIs = 8000

  mutating func addAPIs() {
    onPrinted(ListAPIs.self) { call, transaction in try list(call, transaction.db) }
    onPrinted(GetAPI.self) { call, transaction in
      try APIRow.get(call.required("api_id"), transaction.db).printed(transaction.db)
    }
    on(CreateAPI.self) { call, transaction in
      let definition = try APIBody(call.values["definition"] ?? .null)
      _ = try GroupRow.get(definition.groupID, transaction.db)
      try requireRoom(in: definition.groupID, transaction.db)
      guard try APIRow.fetchCount(transaction.db) < Handlers.maximumAPIs else { throw Fault.quota("APIG.3102", "APIs") }
      let row = APIRow(
        id: Identifier.random(), group_id: definition.groupID, name: definition.name,
        definition: definition.json, register_time: transaction.now.text, update_time: transaction.now.text)
      try definition.requireFree(except: nil, transaction.db)
      try row.insert(transaction.db)
      return try row.document(transaction.db)
    }
    on(UpdateAPI.self) { call, transaction in
      var row = try APIRow.get(call.required("api_id"), transaction.db)
      let definition = try APIBody(call.values["definition"] ?? .null)
      _ = try GroupRow.get(definition.groupID, transaction.db)
      if definition.groupID != row.group_id { try requireRoom(in: definition.groupID, transaction.db) }
      try definition.requireFree(except: row.id, transaction.db)
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

/// - Throws: ``Fault`` when the group holds as many APIs as it can.
private func requireRoom(in groupID: String, _ db: Database) throws {
  let count = try APIRow.filter(Column("group_id") == groupID).fetchCount(db)
  guard count < Handlers.maximumAPIsPerGroup else { throw Fault.quota("APIG.3125", "APIs in the API group") }
}

@Sendable private func list(_ call: Call, _ db: Database) throws -> [UInt8] {
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
  var rows: [APIRow] = []
  try db.eachKept(
    "SELECT * FROM api \(filter.sql) ORDER BY register_time, rowid LIMIT ? OFFSET ?",
    filter.arguments + [paging.limit, paging.offset]
  ) { rows.append(APIRow(row: $0)) }
  let total = try paging.total(ofPage: rows.count) ?? filter.count(in: "api", db)
  return paging.printed("apis", try APIRow.printed(rows, db), count: rows.count, total: total)
}
