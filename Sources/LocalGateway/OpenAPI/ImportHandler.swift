internal import GRDB
internal import GatewayAPI

/// The import: drafts made or replaced from an OpenAPI document, with a report per path.
struct ImportHandler {
  let form: MultipartForm
  let db: Database
  let now: Timestamp

  private static let methods = ["get", "post", "put", "delete", "head", "patch", "options", "x-apigateway-any-method"]

  /// - Throws: ``Fault``.
  func document() throws -> Document {
    guard let file = form.parts["file_name"], !file.isEmpty else { throw Fault.missing("file_name") }
    let definition = try parse(file)
    let isTwo = definition["swagger"]?.stringValue == "2.0"
    guard isTwo || definition["openapi"]?.stringValue?.hasPrefix("3.") == true else {
      throw Fault(400, GatewayErrorCode(rawValue: "APIG.3601"), "The Swagger file version must be 2.0 or 3.0")
    }
    guard let paths = definition["paths"]?.objectValue else {
      throw Fault(400, GatewayErrorCode(rawValue: "APIG.3602"), "Syntax error in the Swagger file: it has no paths")
    }
    let group = try group(definition)
    var success: [Document] = []
    var failure: [Document] = []
    for (path, operations) in paths.sorted(by: { $0.key < $1.key }) {
      for (member, operation) in (operations.objectValue ?? [:]).sorted(by: { $0.key < $1.key })
      where Self.methods.contains(member) {
        let method = member == "x-apigateway-any-method" ? "ANY" : member.uppercased()
        do {
          let (action, id) = try save(operation, path: path, method: method, group: group)
          success.append([
            "path": .string(path), "method": .string(method), "action": .string(action), "id": .string(id),
          ])
        } catch let fault as Fault {
          failure.append(
            .object(
              (fault.document.objectValue ?? [:]).merging(["path": .string(path), "method": .string(method)]) { $1 }))
        }
      }
    }
    return [
      "group_id": .string(group.id), "success": .array(success), "failure": .array(failure), "ignore": [],
      "swagger": ["id": .string(Identifier.random()), "result": "success"],
    ]
  }

  private func parse(_ file: [UInt8]) throws -> Document {
    if let document = try? Document(json: file) { return document }
    guard let text = String(validating: file, as: UTF8.self), let document = try? YAMLText.document(from: text),
      case .object = document
    else { throw Fault(400, GatewayErrorCode(rawValue: "APIG.3600"), "JSON or YAML format error") }
    return document
  }

  private func group(_ definition: Document) throws -> GroupRow {
    if form.text("is_create_group") == "false" || form.text("group_id") != nil {
      guard let id = form.text("group_id") else { throw Fault.missing("group_id") }
      return try GroupRow.get(id, db)
    }
    var name = String((definition["info"]?["title"]?.stringValue ?? "imported").prefix(255))
    if name.count < 3 { name = "group_" + name }
    if try !GroupRow.filter(Column("name") == name).isEmpty(db) {
      name = "\(name.prefix(246))_\(Identifier.random().prefix(8))"
    }
    let row = GroupRow(
      id: Identifier.random(), name: name, remark: definition["info"]?["description"]?.stringValue,
      register_time: now.text, update_time: now.text)
    try row.insert(db)
    return row
  }

  /// Makes the API, or replaces the draft of the one with the same method and path.
  private func save(
    _ operation: Document, path: String, method: String, group: GroupRow
  ) throws -> (action: String, id: String) {
    guard path.hasPrefix("/") else { throw Fault.invalid("req_uri") }
    let backend = operation["x-apigateway-backend"]
    let name = operation["operationId"]?.stringValue ?? derivedName(method, path)
    var members: [String: Document] = [
      "name": .string(name), "type": operation["x-apigateway-request-type"] == "private" ? 2 : 1,
      "req_protocol": "HTTPS", "req_method": .string(method), "req_uri": .string(path),
      "auth_type": operation["x-apigateway-auth-type"] ?? "NONE",
      "match_mode": operation["x-apigateway-match-mode"] ?? "NORMAL", "cors": operation["x-apigateway-cors"] ?? false,
      "remark": operation["description"] ?? operation["summary"] ?? "", "tags": operation["tags"] ?? [],
      "backend_type": backend?["type"] ?? "MOCK", "group_id": .string(group.id),
    ]
    for member in ["mock_info", "backend_api", "func_info"] {
      if let value = backend?[member] { members[member] = value }
    }
    let parameters = OpenAPIParameter.registered(operation["parameters"])
    if !parameters.isEmpty { members["req_params"] = .array(parameters) }
    let same = try APIRow.fetchOne(
      db,
      sql: """
        SELECT * FROM api WHERE group_id = ? AND json_extract(definition, '$.req_method') = ?
          AND json_extract(definition, '$.req_uri') = ?
        """, arguments: [group.id, method, path])
    let sameName = APIRow.filter(Column("group_id") == group.id && Column("name") == name)
    guard try sameName.filter(Column("id") != (same?.id ?? "")).isEmpty(db) else {
      throw Fault(400, .apiNameTaken, "The API name already exists")
    }
    if var row = same {
      row.name = name
      row.definition = Document.object(members).jsonText
      row.update_time = now.text
      try row.update(db)
      return ("update", row.id)
    }
    let row = APIRow(
      id: Identifier.random(), group_id: group.id, name: name, definition: Document.object(members).jsonText,
      register_time: now.text, update_time: now.text)
    try row.insert(db)
    return ("create", row.id)
  }

  /// A name for an operation that has none: letters and digits of its method and path.
  private func derivedName(_ method: String, _ path: String) -> String {
    String("\(method)_\(path)".map { $0.isLetter || $0.isNumber ? $0 : "_" })
  }
}
