internal import GatewayAPI

/// An API as a document defines it: what its front end is, what extensions say of it, and its back end.
struct ImportedAPI {
  let method: String
  let uri: String
  private(set) var frontEnd: [String: Document]
  private(set) var extensions: [String: Document] = [:]
  /// nil when the document has none.
  private(set) var backend: [String: Document]?
  /// What the back end is where neither the document nor the gateway has one: the documented example answer.
  let mockBackend: [String: Document]

  /// Extensions that hold a member of the definition as it is.
  static let plainExtensions = [
    "auth_opt", "authorizer_id", "is_send_fg_body_base64", "result_failure_sample", "result_normal_sample",
    "sampling_param", "sampling_strategy", "trace_enabled",
  ]

  /// Members that documents without extensions speak of.
  private static let frontEndNames: Set = [
    "name", "req_method", "req_uri", "req_protocol", "remark", "tags", "req_params", "body_remark",
  ]

  /// Of a new API, where extensions do not say otherwise.
  private static let defaults: [String: Document] = [
    "type": 1, "auth_type": "NONE", "match_mode": "NORMAL", "cors": false,
  ]

  static func extensionName(of member: String) -> String { "x-apigateway-" + member.replacing("_", with: "-") }

  /// - Throws: ``Fault`` for an operation that the gateway cannot take.
  init(_ operation: Document, path: String, method: String, context: OperationContext, rules: ImportRules) throws {
    self.method = method
    uri = try Self.uri(path, context.basePath(of: operation))
    mockBackend = [
      "backend_type": "MOCK",
      "mock_info": ["result_content": .string(ExampleAnswer(operation, context.references)?.text ?? "")],
    ]
    let parameters = try context.parameters(of: operation)
    frontEnd = [
      "name": .string(try Self.name(operation, method: method, uri: uri)), "req_method": .string(method),
      "req_uri": .string(uri), "req_protocol": .string(context.requestProtocol(of: operation)),
      "remark": .string(Self.remark(operation)),
      "tags": .array((operation["tags"]?.arrayValue ?? []).filter { $0.stringValue != nil }),
      "req_params": .array(try OpenAPIParameter.registered(parameters, uri: uri, context.references)),
    ]
    if let remark = try Self.bodyRemark(operation, context) { frontEnd["body_remark"] = .string(remark) }
    if !rules.isSimple { readExtensions(operation, context) }
    if rules.hasMockBackend { backend = mockBackend }
  }

  /// The whole definition for an API of a group that is not there yet.
  func definition(in group: String) -> [String: Document] {
    let parts = [Self.defaults, frontEnd, extensions, backend ?? mockBackend, ["group_id": .string(group)]]
    return Self.union(parts)
  }

  /// What becomes of an API that is there.
  ///
  /// A document without extensions knows nothing of this gateway: what only they can say stays, so that no API loses
  /// its authentication or its back end to a document that does not speak of them.
  func definition(replacing old: [String: Document], _ rules: ImportRules) -> [String: Document] {
    if rules.keepsAPIs {
      return definition(in: "").merging(old) { new, old in Self.isEmpty(old) ? new : old }
    }
    let oldBackend = old.filter { OpenAPIBackend.memberNames.contains($0.key) }
    let others = old.filter { !Self.frontEndNames.contains($0.key) && oldBackend[$0.key] == nil }
    let base = extensions.isEmpty ? others : Self.defaults
    let hadBackend = oldBackend["backend_type"] != nil
    var parts = [base, frontEnd, extensions, backend ?? (hadBackend ? oldBackend : mockBackend)]
    if rules.keepsExtensions {
      let named = Set(extensions.keys).union(backend == nil ? [] : OpenAPIBackend.memberNames)
      parts.append(old.filter { named.contains($0.key) && !Self.isEmpty($0.value) })
    }
    parts.append(["group_id": old["group_id"] ?? ""])
    return Self.union(parts)
  }

  /// Later parts win; null says that a member is not there.
  private static func union(_ parts: [[String: Document]]) -> [String: Document] {
    parts.reduce(into: [:]) { $0.merge($1) { $1 } }.filter { $0.value != .null }
  }

  private static func isEmpty(_ value: Document) -> Bool { [.null, "", [], [:]].contains(value) }

  // MARK: - Reading

  private mutating func readExtensions(_ operation: Document, _ context: OperationContext) {
    if let type = operation["x-apigateway-request-type"] { extensions["type"] = type == "private" ? 2 : 1 }
    if let authentication = operation["x-apigateway-auth-type"] ?? context.authentication(of: operation) {
      extensions["auth_type"] = authentication
    }
    for (name, member) in [("x-apigateway-match-mode", "match_mode"), ("x-apigateway-cors", "cors")] {
      if let value = operation[name] { extensions[member] = value }
    }
    for member in Self.plainExtensions {
      if let value = operation[Self.extensionName(of: member)] { extensions[member] = value }
    }
    backend = OpenAPIBackend.members(of: operation)
    // What OpenAPI has no exact place for stands here as it is; null says that it is not there.
    for (member, value) in operation[OpenAPIDocument.exactMembers]?.objectValue ?? [:] {
      if ["id", "group_id", "req_method", "req_uri"].contains(member) { continue }
      if OpenAPIBackend.memberNames.contains(member) {
        backend = (backend ?? [:]).merging([member: value]) { $1 }
      } else {
        extensions[member] = value
      }
    }
  }

  private static func uri(_ path: String, _ basePath: String) throws(Fault) -> String {
    guard path.hasPrefix("/") else { throw Fault.invalid("req_uri", "'\(path)' does not begin with a slash") }
    let uri = basePath + path
    guard uri.count <= 512 else { throw Fault.invalid("req_uri", "\(uri.count) characters, at most 512 are allowed") }
    for segment in uri.split(separator: "/") where segment.contains(where: { "{}".contains($0) }) {
      let isWhole =
        segment.first == "{" && segment.last == "}"
        && segment.dropFirst().dropLast().allSatisfy {
          !"{}".contains($0)
        }
      guard isWhole, segment.count > 2 else {
        throw Fault.invalid("req_uri", "a parameter must be a whole segment of the path, not '\(segment)'")
      }
    }
    guard !uri.contains(where: { $0.isWhitespace || "?#\"<>\\".contains($0) }) else {
      throw Fault.invalid("req_uri", "'\(uri)' holds a character that a path cannot")
    }
    return uri
  }

  /// `operationId`, or letters and digits of method and path.
  private static func name(_ operation: Document, method: String, uri: String) throws(Fault) -> String {
    if let given = operation["operationId"]?.stringValue, given.isLonger(than: 2) {
      guard !given.isLonger(than: 255) else {
        throw Fault.invalid("name", "the operationId has \(given.count) characters, at most 255 are allowed")
      }
      return given
    }
    let words = uri.split { !$0.isLetter && !$0.isNumber }
    let name = ([Substring(method)] + words).joined(separator: "_")
    return name.count <= 255 ? name : "\(name.prefix(222))_\(Identifier.stable(name))"
  }

  /// The description, where it fits, or the summary.
  private static func remark(_ operation: Document) -> String {
    let texts = [operation["description"], operation["summary"]].compactMap { $0?.stringValue }.filter { !$0.isEmpty }
    return String((texts.first { !$0.isLonger(than: 255) } ?? texts.first ?? "").prefix(255))
  }

  private static func bodyRemark(_ operation: Document, _ context: OperationContext) throws(Fault) -> String? {
    if let body = operation["requestBody"] { return try context.references.resolve(body)["description"]?.stringValue }
    return try context.parameters(of: operation).first { $0["in"] == "body" }?["description"]?.stringValue
  }
}

extension Fault {
  /// A value that cannot be, and why.
  static func invalid(_ parameter: String, _ reason: String) -> Fault {
    Fault(400, .invalidValue, "Invalid parameter value,parameterName:\(parameter). \(reason)")
  }
}
