public import GatewayAPI

/// The management API as an OpenAPI document, made from the operations' declarations: for tools that read such.
public struct ManagementDocument: Sendable {
  private let product: GatewayProduct

  public init(of product: GatewayProduct) { self.product = product }

  /// OpenAPI 3.0.
  public var document: Document {
    var paths: [String: Document] = [:]
    let byPath = Dictionary(grouping: OperationCatalog.all.map { $0.descriptor }) { $0.path.template(for: product) }
    for (path, operations) in byPath {
      let byMethod = Dictionary(grouping: operations, by: \.method)
      paths[path] = .object(
        Dictionary(
          uniqueKeysWithValues: byMethod.map { ($0.key.rawValue.lowercased(), operation($0.value, path)) }))
    }
    return [
      "openapi": "3.0.3",
      "info": ["title": .string("\(product.title): management"), "version": "2"],
      "servers": [["url": "http://127.0.0.1"]], "paths": .object(paths), "security": [["token": []]],
      "components": ["securitySchemes": ["token": ["type": "apiKey", "in": "header", "name": "X-Auth-Token"]]],
    ]
  }

  /// One operation, or those that share method and path and differ by what their bodies say.
  private func operation(_ operations: [OperationDescriptor], _ path: String) -> Document {
    var members: [String: Document] = [
      "operationId": .string(operations.map(\.name).joined(separator: "_or_")),
      "description": .string(operations.map(\.summary).joined(separator: "\n")),
      "responses": .object(
        Dictionary(operations.map { ("\($0.status)", ["description": "success"]) }, uniquingKeysWith: { $1 })
          .merging(["default": ["description": "an error: error_code, error_msg"]]) { $1 }),
      "parameters": .array(parameters(operations, path)),
    ]
    if let body = body(operations) { members["requestBody"] = body }
    return .object(members)
  }

  private func fields(_ operations: [OperationDescriptor], in locations: [FieldLocation]) -> [FieldDescriptor] {
    var seen: Set<String> = []
    return operations.flatMap(\.fields).filter {
      locations.contains($0.location) && ($0.product ?? product) == product && seen.insert($0.name).inserted
    }
  }

  private func parameters(_ operations: [OperationDescriptor], _ path: String) -> [Document] {
    let declared = fields(operations, in: [.path, .query])
    let names = path.split(separator: "/").filter { $0.first == "{" }.map { String($0.dropFirst().dropLast()) }
    let address = names.filter { name in !declared.contains { $0.name == name } }
    return address.map { ["name": .string($0), "in": "path", "required": true, "schema": ["type": "string"]] }
      + declared.map { field in
        [
          "name": .string(field.name), "in": field.location == .path ? "path" : "query",
          "required": .boolean(field.isRequired || field.location == .path), "description": .string(field.help),
          "schema": schema(field),
        ]
      }
  }

  private func body(_ operations: [OperationDescriptor]) -> Document? {
    if !fields(operations, in: [.wholeBody]).isEmpty {
      return ["required": true, "content": ["application/json": ["schema": ["type": "object"]]]]
    }
    let fields = fields(operations, in: [.body, .form, .formFile])
    var properties = Dictionary(uniqueKeysWithValues: fields.map { ($0.name, schema($0)) })
    var required = fields.filter(\.isRequired).map(\.name)
    for name in Set(operations.flatMap(\.fixedBody.keys)) {
      properties[name] = ["enum": .array(operations.compactMap { $0.fixedBody[name] })]
      required.append(name)
    }
    guard !properties.isEmpty else { return nil }
    var members: [String: Document] = ["type": "object", "properties": .object(properties)]
    if !required.isEmpty { members["required"] = .array(required.sorted().map(Document.string)) }
    let type = operations.contains(where: \.takesForm) ? "multipart/form-data" : "application/json"
    return ["required": true, "content": .object([type: ["schema": .object(members)]])]
  }

  private func schema(_ field: FieldDescriptor) -> Document {
    var members: [String: Document] =
      switch field.type {
      case .string, .reference: ["type": "string"]
      case .integer: ["type": "integer"]
      case .boolean: ["type": "boolean"]
      case .strings: ["type": "array", "items": ["type": "string"]]
      case .choice(let words): ["type": "string", "enum": .array(words.map(Document.string))]
      case .references(_, let maximum):
        ["type": "array", "items": ["type": "string"], "maxItems": .integer(Int64(maximum))]
      case .document: ["type": "object"]
      case .file: ["type": "string", "format": "binary"]
      }
    if let length = field.maximumLength { members["maxLength"] = .integer(Int64(length)) }
    return .object(members)
  }
}
