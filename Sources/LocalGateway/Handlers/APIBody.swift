internal import GRDB
internal import GatewayAPI

/// The body of registering or modifying an API, with what the gateway insists on.
struct APIBody {
  let groupID: String
  let name: String
  let method: String
  let uri: String
  let json: String

  private static let required = [
    "name", "req_protocol", "req_method", "req_uri", "auth_type", "backend_type", "group_id",
  ]
  private static let choices: [(name: String, words: Set<String>)] = [
    ("req_method", ["GET", "POST", "PUT", "DELETE", "HEAD", "PATCH", "OPTIONS", "ANY"]),
    ("req_protocol", ["HTTP", "HTTPS", "BOTH", "GRPCS"]), ("auth_type", ["NONE", "APP", "IAM", "AUTHORIZER"]),
    ("backend_type", ["HTTP", "FUNCTION", "MOCK", "GRPC"]), ("match_mode", ["NORMAL", "SWA"]),
  ]

  /// - Throws: ``Fault``.
  init(_ body: Document) throws {
    guard case .object = body else { throw Fault.unreadable("unexpected end of JSON input") }
    for name in Self.required {
      guard let value = body[name], value != .null, value != "" else { throw Fault.missing(name) }
    }
    try Self.checkTypes(body)
    guard let type = body["type"], type != .null else { throw Fault.missing("type") }
    guard let type = type.integerValue, [1, 2].contains(type) else { throw Fault.invalid("type") }
    guard let name = body["name"]?.stringValue, name.count >= 3, name.count <= 255 else { throw Fault.invalid("name") }
    for (name, words) in Self.choices {
      guard let word = body[name]?.stringValue, !word.isEmpty else { continue }
      guard words.contains(word) else { throw Fault.invalid(name) }
    }
    guard let uri = body["req_uri"]?.stringValue, uri.hasPrefix("/"), uri.count <= 512 else {
      throw Fault.invalid("req_uri")
    }
    try Self.checkMandatoryMembers(body)
    if let remark = body["remark"]?.stringValue, remark.count > 255 { throw Fault.tooLong("remark") }
    groupID = body["group_id"]?.stringValue ?? ""
    self.name = name
    method = body["req_method"]?.stringValue ?? ""
    self.uri = uri
    json = body.jsonText
  }

  /// What the documented types of members are, as far as this gateway reads them.
  private static func checkTypes(_ body: Document) throws(Fault) {
    for (name, value) in (body.objectValue ?? [:]).sorted(by: { $0.key < $1.key }) where value != .null {
      let isRight: Bool =
        switch name {
        case _ where required.contains(name) || ["match_mode", "remark", "version"].contains(name):
          value.stringValue != nil
        case "cors": value.booleanValue != nil
        case "tags": value.arrayValue?.allSatisfy { $0.stringValue != nil } ?? false
        case "req_params", "backend_params", "policy_mocks", "policy_https", "policy_functions":
          value.arrayValue?.allSatisfy { $0.objectValue != nil } ?? false
        case "mock_info", "backend_api", "func_info", "auth_opt": value.objectValue != nil
        default: true
        }
      guard isRight else { throw Fault.unreadable("json: cannot unmarshal \(value.typeName) into field \(name)") }
    }
  }

  /// What the documentation calls mandatory inside a definition.
  private static let mandatory: [String: [String]] = [
    "backend_api": ["timeout"], "func_info": ["function_urn", "invocation_type", "network_type", "timeout"],
    "req_params": ["name", "type", "location"], "backend_params": ["origin", "name", "location", "value"],
    "policy_mocks": ["effect_mode", "name", "conditions"], "policy_https": ["effect_mode", "name", "conditions"],
    "policy_functions": ["effect_mode", "name", "conditions", "function_urn", "invocation_type", "network_type"],
    "conditions": ["condition_origin", "condition_value"],
  ]

  private static func checkMandatoryMembers(_ value: Document) throws(Fault) {
    for (name, held) in (value.objectValue ?? [:]).sorted(by: { $0.key < $1.key }) {
      guard let members = mandatory[name] else { continue }
      for item in held.arrayValue ?? (held == .null ? [] : [held]) {
        for member in members where [nil, .null, ""].contains(item[member]) {
          throw Fault.missing("\(name).\(member)")
        }
        try checkMandatoryMembers(item)
      }
    }
  }

  /// - Throws: ``Fault`` when the group has another API of this name, or of this method and path.
  func requireFree(except id: String?, _ db: Database) throws {
    let inGroup = APIRow.filter(Column("group_id") == groupID && Column("id") != (id ?? ""))
    guard try inGroup.filter(Column("name") == name).isEmpty(db) else {
      throw Fault(400, .apiNameTaken, "The API name already exists")
    }
    let uris = try String.fetchCursor(
      db,
      sql: """
        SELECT json_extract(definition, '$.req_uri') FROM api
        WHERE group_id = ? AND json_extract(definition, '$.req_method') = ? AND id <> ?
        """, arguments: [groupID, method, id ?? ""])
    let request = RequestLine(method: method, uri: uri).key
    while let other = try uris.next() {
      guard RequestLine(method: method, uri: other).key != request else {
        throw Fault(400, .apiExists, "The API already exists: the group has one for \(method) \(other)")
      }
    }
  }
}
