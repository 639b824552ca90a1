internal import GRDB
internal import GatewayAPI

extension Handlers {
  /// The most groups of a gateway, by default quota.
  static let maximumGroups = 1500

  mutating func addGroups() {
    on(ListGroups.self) { call, transaction in
      let paging = Paging(call)
      let filter = ListFilter(call, columns: ["id", "name"])
      let rows = try GroupRow.fetchAll(
        transaction.db, sql: "SELECT * FROM api_group \(filter.sql) ORDER BY register_time, id LIMIT ? OFFSET ?",
        arguments: filter.arguments + [paging.limit, paging.offset])
      let total = try filter.count(in: "api_group", transaction.db)
      return paging.document("groups", rows.map(\.document), total: total)
    }
    on(GetGroup.self) { call, transaction in
      try GroupRow.get(call.required("group_id"), transaction.db).document
    }
    on(CreateGroup.self) { call, transaction in
      guard try GroupRow.fetchCount(transaction.db) < Handlers.maximumGroups else {
        throw Fault.quota("APIG.3101", "API groups")
      }
      let row = GroupRow(
        id: Identifier.random(), name: try groupName(call, transaction.db), remark: call.text("remark"),
        register_time: transaction.now.text, update_time: transaction.now.text)
      try row.insert(transaction.db)
      return row.document
    }
    on(UpdateGroup.self) { call, transaction in
      var row = try GroupRow.get(call.required("group_id"), transaction.db)
      row.name = try groupName(call, transaction.db, except: row.id)
      row.remark = call.text("remark")
      row.update_time = transaction.now.text
      try row.update(transaction.db)
      return row.document
    }
    on(DeleteGroup.self) { call, transaction in
      let row = try GroupRow.get(call.required("group_id"), transaction.db)
      guard try APIRow.filter(Column("group_id") == row.id).isEmpty(transaction.db) else {
        throw Fault(403, .groupHoldsAPIs, "The API group cannot be deleted because it contains APIs")
      }
      try row.delete(transaction.db)
      return nil
    }
  }
}

/// 3 to 255 characters, beginning with a letter, digit or Chinese character, and nobody else's.
@Sendable private func groupName(_ call: Call, _ db: Database, except id: String? = nil) throws -> String {
  let name = try call.required("name")
  try requireGroupName(name)
  if let other = try GroupRow.filter(Column("name") == name).fetchOne(db), other.id != id {
    throw Fault(400, .groupNameTaken, "The API group name already exists")
  }
  return name
}

func requireGroupName(_ name: String) throws {
  guard name.count >= 3, name.count <= 255, let first = name.unicodeScalars.first,
    first.properties.isAlphabetic || first.properties.numericType != nil || first.properties.isIdeographic
  else { throw Fault.invalid("name") }
}
