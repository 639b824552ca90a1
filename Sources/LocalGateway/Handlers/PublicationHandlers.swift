internal import GRDB
internal import GatewayAPI

extension Handlers {
  /// Publishing, taking offline, switching, versions.
  mutating func addPublications() {
    on(Publish.self) { call, transaction in
      try transaction.publications.publish(
        call.required("api_id"), in: call.required("env_id"), remark: call.text("remark"))
    }
    on(Offline.self) { call, transaction in
      try transaction.publications.takeOffline(
        call.required("api_id"), in: call.required("env_id"), remark: call.text("remark"))
    }
    on(Batch.self) { call, transaction in try BatchHandler(call: call, transaction: transaction).document() }
    on(SwitchVersion.self) { call, transaction in
      try transaction.publications.switchVersion(call.required("api_id"), to: call.required("version_id"))
    }
    onPrinted(History.self) { call, transaction in try history(call, transaction.db) }
    on(GetVersion.self) { call, transaction in
      try VersionRow.get(call.required("version_id"), transaction.db).definitionDocument(transaction.db)
    }
    on(DeleteVersion.self) { call, transaction in
      let version = try VersionRow.get(call.required("version_id"), transaction.db)
      let effective = try PublicationRow.filter(Column("version_id") == version.id).fetchOne(transaction.db)
      guard effective != nil else { throw Fault.publication(version.api_id) }
      _ = try transaction.publications.takeOffline(version.api_id, in: version.env_id, remark: nil)
      return nil
    }
    on(GetRuntimeDefinition.self) { call, transaction in
      let apiID = try call.required("api_id")
      let environmentID = call.text("env_id") ?? GatewayEnvironment.releaseID
      _ = try APIRow.get(apiID, transaction.db)
      _ = try EnvironmentRow.get(environmentID, transaction.db)
      guard
        let row = try PublicationRow.fetchOne(transaction.db, key: ["api_id": apiID, "env_id": environmentID])
      else { throw Fault.publication(apiID) }
      return try VersionRow.get(row.version_id, transaction.db).definitionDocument(transaction.db)
    }
  }
}

@Sendable private func history(_ call: Call, _ db: Database) throws -> [UInt8] {
  let apiID = try call.required("api_id")
  try APIRow.require(apiID, db)
  var condition = "v.api_id = ?"
  var arguments: StatementArguments = [apiID]
  if let environmentID = call.text("env_id") {
    try EnvironmentRow.require(environmentID, db)
    condition += " AND v.env_id = ?"
    arguments += [environmentID]
  }
  if let name = call.text("env_name") {
    condition += " AND e.name = ?"
    arguments += [name]
  }
  let paging = Paging(call)
  let source = "FROM version v JOIN env e ON e.id = v.env_id WHERE \(condition)"
  var entries: [UInt8] = []
  var count = 0
  try db.eachKept(
    """
    SELECT v.id, v.env_id, v.number, v.remark, v.publish_time, e.name,
      EXISTS (
        SELECT 1 FROM publication p WHERE p.api_id = v.api_id AND p.env_id = v.env_id AND p.version_id = v.id)
    \(source) ORDER BY v.position DESC LIMIT ? OFFSET ?
    """, arguments + [paging.limit, paging.offset]
  ) { row in
    let entry = VersionEntry(
      id: row[0], apiID: apiID, environmentID: row[1], environmentName: row[5], number: row[2], remark: row[3],
      publishTime: row[4], isEffective: row[6])
    entry.members.print(into: &entries)
    entries.append(UInt8(ascii: ","))
    count += 1
  }
  let total =
    try paging.total(ofPage: count)
    ?? SQLRequest<Int>.kept("SELECT COUNT(*) \(source)", arguments).fetchOne(db) ?? 0
  return paging.printed("api_versions", entries, count: count, total: total)
}
