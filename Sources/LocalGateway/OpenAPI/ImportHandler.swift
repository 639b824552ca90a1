internal import GRDB
internal import GatewayAPI

extension Handlers {
  mutating func addImport() {
    onPrepared(ImportDefinitions.self) { call in
      // Reading a large document takes long: nobody waits for it.
      try ImportedDocument(text: call.required("file_name"))
    } _: { call, document, transaction in
      try ImportHandler(call: call, document: document, db: transaction.db, now: transaction.now).report()
    }
  }
}

/// The import: drafts made or replaced from an OpenAPI document, with a report per path.
private struct ImportHandler {
  let call: Call
  let document: ImportedDocument
  let db: Database
  let now: Timestamp

  func report() throws -> Document {
    let group = try group()
    var drafts = try ImportedDrafts(group: group, db: db, now: now)
    let rules = ImportRules(call)
    var report = Report()
    for operation in document.operations {
      switch operation.content {
      case .unsupported: report.ignore.append(operation.entry())
      case .broken(let fault): report.failure.append(operation.entry(fault))
      case .members(let members, let context):
        do {
          let api = try ImportedAPI(
            members, path: operation.path, method: operation.method, context: context, rules: rules)
          try report.add(drafts.save(api, rules), operation)
        } catch let fault as Fault {
          report.failure.append(operation.entry(fault))
        }
      }
    }
    return report.document(group)
  }

  private func group() throws -> GroupRow {
    if call.values["is_create_group"] == false || call.text("group_id") != nil {
      return try GroupRow.get(call.required("group_id"), db)
    }
    guard try GroupRow.fetchCount(db) < Handlers.maximumGroups else { throw Fault.quota("APIG.3101", "API groups") }
    var name = String(document.title.prefix(255))
    if (try? requireGroupName(name)) == nil { name = "group_" + name.prefix(249) }
    if try !GroupRow.filter(Column("name") == name).isEmpty(db) {
      name = "\(name.prefix(246))_\(Identifier.random().prefix(8))"
    }
    let row = GroupRow(
      id: Identifier.random(), name: name, remark: document.description, register_time: now.text,
      update_time: now.text)
    try row.insert(db)
    return row
  }
}

/// What became of each path.
private struct Report {
  var success: [Document] = []
  var failure: [Document] = []
  var ignore: [Document] = []

  mutating func add(_ outcome: ImportedDrafts.Outcome, _ operation: ImportedDocument.Operation) {
    switch outcome {
    case .created(let id): success.append(operation.entry(["action": "create", "id": .string(id)]))
    case .updated(let id): success.append(operation.entry(["action": "update", "id": .string(id)]))
    case .unchanged: ignore.append(operation.entry())
    }
  }

  func document(_ group: GroupRow) -> Document {
    [
      "group_id": .string(group.id), "success": .array(success), "failure": .array(failure), "ignore": .array(ignore),
      "swagger": [
        "id": .string(Identifier.random()),
        "result": .string(failure.isEmpty ? "success" : success.isEmpty ? "failure" : "partial success"),
      ],
    ]
  }
}

extension ImportedDocument.Operation {
  fileprivate func entry(_ members: [String: Document] = [:]) -> Document {
    .object(members.merging(["path": .string(path), "method": .string(method)]) { $1 })
  }

  fileprivate func entry(_ fault: Fault) -> Document { entry(fault.document.objectValue ?? [:]) }
}
