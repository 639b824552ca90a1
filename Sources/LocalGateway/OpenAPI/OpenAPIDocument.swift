internal import GatewayAPI

/// The OpenAPI document of a group's APIs: Swagger 2.0 or OpenAPI 3.
///
/// Its import gives the same APIs: each operation is read back while it is written, and what comes out otherwise is
/// written down as it is beside it.
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

  /// Holds the members of a definition that OpenAPI has no exact place for.
  static let exactMembers = "x-apigateway-definition"

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
    return .object(head.merging(["paths": .object(paths)]) { $1 })
  }

  /// Everything but the paths.
  private var head: [String: Document] {
    var members: [String: Document] = [
      "info": ["title": .string(title), "description": .string(description), "version": .string(documentVersion)]
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
    let schemes = securitySchemes
    if !schemes.isEmpty {
      switch specification {
      case .two: members["securityDefinitions"] = .object(schemes)
      case .three: members["components"] = ["securitySchemes": .object(schemes)]
      }
    }
    if define == .all {
      members["x-apigateway-access-controls"] = [:]
      members["x-apigateway-ratelimits"] = [:]
    }
    return members
  }

  private func methodMember(of definition: Document) -> String {
    let method = definition["req_method"]?.stringValue ?? "GET"
    return method == "ANY" ? ImportedDocument.anyMethod : method.lowercased()
  }

  // MARK: - Operations

  private func operation(_ entry: Entry) -> Document {
    let definition = entry.definition
    var members: [String: Document] = [
      "operationId": definition["name"] ?? "", "description": definition["remark"] ?? "",
      "responses": ["default": ["description": "response of the back end"]],
      "x-apigateway-request-type": definition["type"] == 2 ? "private" : "public",
      "x-apigateway-match-mode": definition["match_mode"] ?? "NORMAL",
      "x-apigateway-cors": definition["cors"] ?? false,
      "x-apigateway-auth-type": definition["auth_type"] ?? "NONE",
    ]
    if let tags = definition["tags"], tags.arrayValue?.isEmpty == false { members["tags"] = tags }
    if let number = entry.versionNumber { members["x-apigateway-version-no"] = .string(number) }
    if let scheme = definition["auth_type"]?.stringValue.flatMap({ Self.schemes[$0] }) {
      members["security"] = [.object([scheme.name: []])]
    }
    for member in ImportedAPI.plainExtensions {
      if let value = definition[member], value != .null { members[ImportedAPI.extensionName(of: member)] = value }
    }
    var parameters = OpenAPIParameter.exported(definition, specification)
    if let remark = definition["body_remark"]?.stringValue, !remark.isEmpty {
      switch specification {
      case .two: parameters.append(["name": "body", "in": "body", "schema": [:], "description": .string(remark)])
      case .three: members["requestBody"] = ["description": .string(remark), "content": ["application/json": [:]]]
      }
    }
    if !parameters.isEmpty { members["parameters"] = .array(parameters) }
    if specification == .two, let schemes = Self.transferSchemes[definition["req_protocol"]?.stringValue ?? ""] {
      members["schemes"] = schemes
    }
    if define != .spec { members.merge(OpenAPIBackend.extensions(of: definition)) { $1 } }
    let exact = inexactMembers(of: definition, in: .object(members))
    if !exact.isEmpty { members[Self.exactMembers] = .object(exact) }
    return .object(members)
  }

  private static let transferSchemes: [String: Document] = ["HTTP": ["http"], "BOTH": ["http", "https"]]

  /// What an import of the operation would not give back as it was.
  private func inexactMembers(of definition: Document, in operation: Document) -> [String: Document] {
    let skipped = define == .spec ? OpenAPIBackend.memberNames : []
    func compared(_ members: [String: Document]) -> [String: Document] {
      APIDefinitionDocument.filled(members).filter {
        !skipped.contains($0.key) && !["id", "group_id"].contains($0.key) && $0.value != .null
      }
    }
    let references = OpenAPIReferences(root: .object(head))
    guard let context = try? OperationContext(root: references.root, pathItem: [:], references: references),
      let read = try? ImportedAPI(
        operation, path: definition["req_uri"]?.stringValue ?? "", method: definition["req_method"]?.stringValue ?? "",
        context: context, rules: ImportRules())
    else { return [:] }
    let wanted = compared(definition.objectValue ?? [:])
    let found = compared(read.definition(in: ""))
    var exact: [String: Document] = [:]
    for name in Set(wanted.keys).union(found.keys) where wanted[name] != found[name] {
      exact[name] = wanted[name] ?? .null
    }
    return exact
  }

  // MARK: - Security

  private static let schemes: [String: (name: String, header: Document, type: Document)] = [
    "APP": ("apig-auth-app", "Authorization", "AppSigv1"), "IAM": ("apig-auth-iam", "unused", "IAM"),
  ]

  /// Those that an API uses.
  private var securitySchemes: [String: Document] {
    var schemes: [String: Document] = [:]
    for entry in entries {
      guard let scheme = entry.definition["auth_type"]?.stringValue.flatMap({ Self.schemes[$0] }) else { continue }
      schemes[scheme.name] = [
        "type": "apiKey", "in": "header", "name": scheme.header, "x-apigateway-auth-type": scheme.type,
      ]
    }
    return schemes
  }
}
