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
    let parameters = self.parameters(of: definition)
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

  /// What is declared, and what the path's `{names}` imply.
  private func parameters(of definition: Document) -> [Document] {
    var parameters = (definition["req_params"]?.arrayValue ?? []).map(parameter)
    let declared = Set(parameters.compactMap { $0["in"] == "path" ? $0["name"]?.stringValue : nil })
    for segment in (definition["req_uri"]?.stringValue ?? "").split(separator: "/") {
      guard segment.first == "{", segment.last == "}" else { continue }
      let name = segment.dropFirst().dropLast().drop { $0 == "+" }
      if !declared.contains(String(name)) {
        parameters.append(typed(["name": .string(String(name)), "in": "path", "required": true], "string"))
      }
    }
    return parameters
  }

  private func parameter(_ declared: Document) -> Document {
    let location = (declared["location"]?.stringValue ?? "QUERY").lowercased()
    let isPath = location == "path"
    let members: [String: Document] = [
      "name": declared["name"] ?? "", "in": .string(location == "headers" ? "header" : location),
      "required": .boolean(isPath || declared["required"] == 1), "description": declared["remark"] ?? "",
    ]
    return typed(members, declared["type"]?.stringValue == "NUMBER" ? "number" : "string")
  }

  private func typed(_ members: [String: Document], _ type: Document) -> Document {
    var members = members
    switch specification {
    case .two: members["type"] = type
    case .three: members["schema"] = ["type": type]
    }
    return .object(members)
  }

  private func typed(_ members: [String: Document], _ type: String) -> Document {
    typed(members, Document.string(type))
  }
}
