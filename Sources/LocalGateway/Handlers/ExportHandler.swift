internal import DocumentYAML
internal import GRDB
internal import GatewayAPI

extension Handlers {
  mutating func addExport() {
    onFile(Export.self) { call, transaction in
      try ExportHandler(call: call, db: transaction.db, now: transaction.now).reply()
    }
  }
}

/// The export: the group's APIs as an environment runs them, or with `dev` as drafts too.
private struct ExportHandler {
  let call: Call
  let db: Database
  let now: Timestamp

  func reply() throws -> Reply {
    let group = try GroupRow.get(call.required("group_id"), db)
    let environment = try EnvironmentRow.get(call.required("env_id"), db)
    let define = call.text("define").flatMap(Export.Define.init(rawValue:)) ?? .spec
    let document = OpenAPIDocument(
      title: group.name, description: group.remark ?? "",
      documentVersion: call.text("version") ?? now.text, host: group.domain,
      specification: call.text("oas_version").flatMap(OpenAPIDocument.Version.init(rawValue:)) ?? .two,
      define: define, entries: try entries(group, environment, includesDrafts: define == .dev)
    ).document
    let format = call.text("type") ?? "json"
    if format == "json" { return Reply(status: 200, body: .file(document.json, contentType: "application/json")) }
    return Reply(
      status: 200, body: .file(Array(try YAMLText.text(of: document).utf8), contentType: "application/x-yaml"))
  }

  private func entries(
    _ group: GroupRow, _ environment: EnvironmentRow, includesDrafts: Bool
  ) throws -> [OpenAPIDocument.Entry] {
    let wanted = call.values["apis"]?.arrayValue.map { Set($0.compactMap(\.stringValue)) }
    var entries: [OpenAPIDocument.Entry] = []
    let apis = try APIRow.fetchAll(
      db, sql: "SELECT * FROM api WHERE group_id = ? ORDER BY register_time, rowid", arguments: [group.id])
    if let missing = wanted?.subtracting(apis.map(\.id)).sorted().first { throw Fault.api(missing) }
    for api in apis where wanted?.contains(api.id) ?? true {
      if includesDrafts {
        entries.append(OpenAPIDocument.Entry(definition: .object(definition(api.definition)), versionNumber: nil))
        continue
      }
      guard let row = try PublicationRow.fetchOne(db, key: ["api_id": api.id, "env_id": environment.id]) else {
        continue
      }
      let version = try VersionRow.get(row.version_id, db)
      entries.append(
        OpenAPIDocument.Entry(definition: .object(definition(version.definition)), versionNumber: version.number))
    }
    return entries
  }

  private func definition(_ json: String) -> [String: Document] { APIDefinitionDocument.members(of: json) }
}
