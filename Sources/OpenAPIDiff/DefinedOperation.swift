import GatewayAPI

/// One operation in a form that Swagger 2.0 and OpenAPI 3 share.
struct DefinedOperation: Sendable {
  struct Parameter: Sendable {
    /// Which parameter it is: a path's are known by their place, the others by their name.
    struct Key: Hashable, Comparable, Sendable {
      let location: String
      let name: String

      static func < (left: Key, right: Key) -> Bool { (left.location, left.name) < (right.location, right.name) }
    }

    let name: String
    let location: String
    let isRequired: Bool
    let schema: Document
    /// How it is written in a request.
    let form: [String: Document]
    /// Descriptions, examples and what the gateway adds.
    let rest: [String: Document]
  }

  struct Body: Sendable {
    let isRequired: Bool
    let media: [String: Document]
    let rest: [String: Document]
  }

  struct Response: Sendable {
    let media: [String: Document]
    let headers: [String: Document]
    let rest: [String: Document]
  }

  let key: OperationKey
  let name: String?
  let versionNumber: String?
  private(set) var parameters: [Parameter.Key: Parameter] = [:]
  private(set) var body: Body?
  let responses: [String: Response]
  /// Ways to authenticate, each a set of schemes that are needed together.
  let security: Set<Set<SecurityNeed>>
  let extensions: [String: Document]
  /// Summary, description, tags and the like.
  let rest: [String: Document]

  static let versionMember = "x-apigateway-version-no"

  init(
    _ operation: Document, key: OperationKey, item: Document, document: Document, references: DefinitionReferences
  ) {
    let members = operation.objectValue ?? [:]
    self.key = key
    name = operation["operationId"]?.stringValue
    versionNumber = operation[Self.versionMember]?.stringValue
    extensions = members.filter { $0.key.hasPrefix("x-") && $0.key != Self.versionMember }
    let read: Set = [
      "parameters", "requestBody", "responses", "security", "consumes", "produces", "servers", "callbacks",
    ]
    rest = members.filter { !read.contains($0.key) && !$0.key.hasPrefix("x-") }
    security = SecurityNeed.alternatives(of: operation, in: document)
    let produced = Self.mediaTypes("produces", operation, document)
    responses = (operation["responses"]?.objectValue ?? [:]).filter { !$0.key.hasPrefix("x-") }.mapValues {
      Response(references.resolved($0), produced: produced)
    }
    if let body = operation["requestBody"] { self.body = Body(references.resolved(body)) }
    add(
      (item["parameters"]?.arrayValue ?? []) + (operation["parameters"]?.arrayValue ?? []),
      consumed: Self.mediaTypes("consumes", operation, document), references)
  }

  /// An operation's own parameters come last and so stand over those of its path.
  private mutating func add(_ declared: [Document], consumed: [String], _ references: DefinitionReferences) {
    var fields: [String: Document] = [:]
    var requiredFields: [Document] = []
    let pathNames = key.parameterNames
    for parameter in declared.map(references.resolved) {
      guard let location = parameter["in"]?.stringValue else { continue }
      let name = parameter["name"]?.stringValue ?? ""
      switch location {
      case "body":
        body = Body(
          isRequired: parameter["required"] == true,
          media: Self.media(parameter["schema"] ?? [:], consumed.isEmpty ? ["application/json"] : consumed),
          rest: Self.texts(of: parameter))
      case "formData":
        fields[name] = Parameter(parameter, name: name, location: location).schema
        if parameter["required"] == true { requiredFields.append(.string(name)) }
      default:
        let plainName = location == "path" ? String(name.drop { $0 == "+" }) : name
        let place = location == "path" ? pathNames.firstIndex(of: plainName).map { "\($0)" } : nil
        let header = location == "header" ? name.lowercased() : name
        parameters[Parameter.Key(location: location, name: place ?? header)] = Parameter(
          parameter, name: plainName, location: location)
      }
    }
    guard !fields.isEmpty else { return }
    body = Body(
      isRequired: !requiredFields.isEmpty,
      media: Self.media(
        ["type": "object", "properties": .object(fields), "required": .array(requiredFields)],
        consumed.isEmpty ? ["application/x-www-form-urlencoded"] : consumed),
      rest: [:])
  }

  private static func mediaTypes(_ member: String, _ operation: Document, _ document: Document) -> [String] {
    ((operation[member] ?? document[member])?.arrayValue ?? []).compactMap(\.stringValue)
  }

  private static func media(_ schema: Document, _ types: [String]) -> [String: Document] {
    Dictionary(types.map { ($0, schema) }, uniquingKeysWith: { first, _ in first })
  }

  fileprivate static func texts(of value: Document) -> [String: Document] {
    (value.objectValue ?? [:]).filter {
      ["description", "example", "examples"].contains($0.key) || $0.key.hasPrefix("x-")
    }
  }
}

extension DefinedOperation.Parameter {
  private static let formMembers: Set = ["style", "explode", "allowReserved", "allowEmptyValue", "collectionFormat"]

  init(_ parameter: Document, name: String, location: String) {
    let members = parameter.objectValue ?? [:]
    self.name = name
    self.location = location
    isRequired = parameter["required"] == true || location == "path"
    form = members.filter { Self.formMembers.contains($0.key) && $0.value != false }
    var rest = DefinedOperation.texts(of: parameter)
    // Swagger 2.0 has no place for an example of a parameter but an extension.
    if let example = rest.removeValue(forKey: "x-example") { rest["example"] = example }
    self.rest = rest
    if let schema = parameter["schema"] {
      self.schema = schema
    } else if let content = parameter["content"]?.objectValue?.min(by: { $0.key < $1.key }) {
      schema = content.value["schema"] ?? [:]
    } else {
      let own: Set = ["name", "in", "required", "description", "example", "examples"]
      schema = .object(
        members.filter {
          !own.contains($0.key) && !Self.formMembers.contains($0.key) && !$0.key.hasPrefix("x-")
        })
    }
  }
}

extension DefinedOperation.Body {
  fileprivate init(_ body: Document) {
    isRequired = body["required"] == true
    media = (body["content"]?.objectValue ?? [:]).mapValues { $0["schema"] ?? [:] }
    rest = DefinedOperation.texts(of: body)
  }
}

extension DefinedOperation.Response {
  fileprivate init(_ response: Document, produced: [String]) {
    headers = response["headers"]?.objectValue ?? [:]
    rest = DefinedOperation.texts(of: response)
    if let content = response["content"]?.objectValue {
      media = content.mapValues { $0["schema"] ?? [:] }
    } else if let schema = response["schema"] {
      let types = produced.isEmpty ? ["application/json"] : produced
      media = Dictionary(types.map { ($0, schema) }, uniquingKeysWith: { first, _ in first })
    } else {
      media = [:]
    }
  }
}

/// One scheme that a caller must satisfy, known by what it is rather than by its name in the document.
struct SecurityNeed: Hashable, Sendable {
  let name: String
  private let scheme: Document
  private let scopes: Set<String>

  static func == (left: SecurityNeed, right: SecurityNeed) -> Bool {
    left.scheme == right.scheme && left.scopes == right.scopes
  }

  func hash(into hasher: inout Hasher) {
    hasher.combine(scheme)
    hasher.combine(scopes)
  }

  /// None at all is one way: an empty set.
  static func alternatives(of operation: Document, in document: Document) -> Set<Set<SecurityNeed>> {
    let schemes = document["components"]?["securitySchemes"] ?? document["securityDefinitions"] ?? [:]
    let requirements = (operation["security"] ?? document["security"])?.arrayValue ?? []
    guard !requirements.isEmpty else { return [[]] }
    return Set(
      requirements.map { requirement in
        Set(
          (requirement.objectValue ?? [:]).map { name, scopes in
            let scheme = (schemes[name]?.objectValue ?? ["name": .string(name)]).filter { $0.key != "description" }
            return SecurityNeed(
              name: name, scheme: .object(scheme), scopes: Set((scopes.arrayValue ?? []).compactMap(\.stringValue)))
          })
      })
  }
}
