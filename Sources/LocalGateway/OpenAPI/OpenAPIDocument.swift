internal import GatewayAPI

/// The OpenAPI document of a group's APIs: Swagger 2.0 or OpenAPI 3.
struct OpenAPIDocument {
  enum Version: String {
    case two = "2.0"
    case three = "3.0"
  }

  /// One API, with the label of the version it comes from.
  struct Entry {
    let definition: Document
    let versionNumber: String?
  }

  let title: String
  let description: String
  let documentVersion: String
  let host: String
  let specification: Version
  let define: Export.Define
  let entries: [Entry]

  var document: Document {
    var paths: [String: Document] = [:]
    for entry in entries {
      let path = entry.definition["req_uri"]?.stringValue ?? "/"
      var operations = paths[path]?.objectValue ?? [:]
      operations[methodMember(of: entry.definition)] = operation(entry)
      paths[path] = .object(operations)
    }
    var members: [String: Document] = [
      "info": ["title": .string(title), "description": .string(description), "version": .string(documentVersion)],
      "paths": .object(paths),
    ]
    switch specification {
    case .two:
      members["swagger"] = "2.0"
      members["host"] = .string(host)
      members["schemes"] = ["https"]
    case .three:
      members["openapi"] = "3.0.0"
      members["servers"] = [["url": .string("https://\(host)")]]
    }
    return .object(members)
  }

  private func methodMember(of definition: Document) -> String {
    let method = definition["req_method"]?.stringValue ?? "GET"
    return method == "ANY" ? "x-apigateway-any-method" : method.lowercased()
  }

  private func operation(_ entry: Entry) -> Document {
    let definition = entry.definition
    var members: [String: Document] = [
      "operationId": definition["name"] ?? "", "description": definition["remark"] ?? "",
      "responses": ["default": ["description": "response of the back end"]],
      "x-apigateway-request-type": definition["type"] == 1 ? "public" : "private",
      "x-apigateway-match-mode": definition["match_mode"] ?? "NORMAL",
      "x-apigateway-cors": definition["cors"] ?? false,
      "x-apigateway-auth-type": definition["auth_type"] ?? "NONE",
    ]
    if let tags = definition["tags"], tags.arrayValue?.isEmpty == false { members["tags"] = tags }
    if let number = entry.versionNumber { members["x-apigateway-version-no"] = .string(number) }
    let parameters = OpenAPIParameter.exported(definition, specification)
    if !parameters.isEmpty { members["parameters"] = .array(parameters) }
    if define != .spec { members["x-apigateway-backend"] = backend(of: definition) }
    return .object(members)
  }

  private func backend(of definition: Document) -> Document {
    var members: [String: Document] = ["type": definition["backend_type"] ?? "MOCK"]
    for name in ["mock_info", "backend_api", "func_info"] {
      if let value = definition[name], value != .null { members[name] = value }
    }
    return .object(members)
  }
}
