internal import GRDB
internal import GatewayAPI

extension Handlers {
  /// The most environments of a gateway, by default quota.
  static let maximumEnvironments = 10

  mutating func addEnvironments() {
    on(ListEnvironments.self) { call, transaction in
      let paging = Paging(call)
      let filter = ListFilter(call, columns: ["name"])
      let rows = try EnvironmentRow.fetchAll(
        transaction.db, sql: "SELECT * FROM env \(filter.sql) ORDER BY create_time, id LIMIT ? OFFSET ?",
        arguments: filter.arguments + [paging.limit, paging.offset])
      return paging.document("envs", rows.map(\.document), total: try filter.count(in: "env", transaction.db))
    }
    on(CreateEnvironment.self) { call, transaction in
      guard try EnvironmentRow.fetchCount(transaction.db) < Handlers.maximumEnvironments else {
        throw Fault.quota("APIG.3104", "environments")
      }
      let row = EnvironmentRow(
        id: Identifier.random(), name: try environmentName(call, transaction.db), remark: call.text("remark"),
        create_time: transaction.now.text)
      try row.insert(transaction.db)
      return row.document
    }
    on(UpdateEnvironment.self) { call, transaction in
      var row = try EnvironmentRow.get(call.required("env_id"), transaction.db)
      row.name = try environmentName(call, transaction.db, except: row.id)
      row.remark = call.text("remark")
      try row.update(transaction.db)
      return row.document
    }
    on(DeleteEnvironment.self) { call, transaction in
      let row = try EnvironmentRow.get(call.required("env_id"), transaction.db)
      guard try PublicationRow.filter(Column("env_id") == row.id).isEmpty(transaction.db) else {
        throw Fault(403, .environmentHoldsPublishedAPIs, "The environment contains published APIs")
      }
      guard row.id != GatewayEnvironment.releaseID else {
        throw Fault(403, GatewayErrorCode(rawValue: "APIG.1103"), "The environment \(row.name) cannot be deleted")
      }
      try transaction.db.execute(sql: "DELETE FROM version WHERE env_id = ?", arguments: [row.id])
      try row.delete(transaction.db)
      return nil
    }
  }
}

/// Letters, digits and underscores, beginning with a letter, and nobody else's.
@Sendable private func environmentName(_ call: Call, _ db: Database, except id: String? = nil) throws -> String {
  let name = try call.required("name")
  try requireEnvironmentName(name)
  if let other = try EnvironmentRow.filter(Column("name") == name).fetchOne(db), other.id != id {
    throw Fault(400, .environmentNameTaken, "The environment name already exists")
  }
  return name
}

func requireEnvironmentName(_ name: String) throws {
  guard let first = name.unicodeScalars.first, first.isASCII, first.properties.isAlphabetic, name.count <= 64,
    name.unicodeScalars.allSatisfy({
      $0.isASCII && ($0.properties.isAlphabetic || $0.properties.numericType != nil || $0 == "_")
    })
  else { throw Fault.invalid("name") }
}
