/// What an ID of the management API points at.
public enum ResourceKind: String, Sendable, Hashable, CaseIterable {
  case api
  case group
  case environment = "env"
  case version

  /// The word in messages: "environment".
  public var noun: String {
    switch self {
    case .api: "API"
    case .group: "API group"
    case .environment: "environment"
    case .version: "version"
    }
  }
}

/// What values a field takes.
public enum FieldType: Sendable, Hashable {
  case string
  case integer
  case boolean
  case strings
  case choice([String])
  /// An ID on the wire; a script may give a name, an ID or a record.
  case reference(ResourceKind)
  /// A list of IDs; on the wire at most `maximumCount` of them in one request.
  case references(ResourceKind, maximumCount: Int)
  /// Any JSON: a definition as the reference documents it.
  case document
  /// A text file, or a table that stands for one in JSON.
  case file

  /// Lua's word for what is expected, as argument errors use it.
  public var typeName: String {
    switch self {
    case .string: "string"
    case .integer: "integer"
    case .boolean: "boolean"
    case .strings: "list of strings"
    case .choice(let words): words.map { "\"\($0)\"" }.joined(separator: "|")
    case .reference(let kind): "\(kind.rawValue) name, ID or record"
    case .references(let kind, _): "list of \(kind.rawValue) names, IDs or records"
    case .document: "table"
    case .file: "string or table"
    }
  }
}

/// Where a field travels.
public enum FieldLocation: Sendable, Hashable {
  case path
  case query
  case body
  /// The field is the request's whole body.
  case wholeBody
  /// A part of a form (`multipart/form-data`).
  case form
  /// The file of a form.
  case formFile
  /// Never sent: it only steers how a script's call is carried out.
  case script
}

/// The facts of one field of an operation: request, argument check, `help`,
/// type stubs and manual are all made from these.
public struct FieldDescriptor: Sendable, Hashable {
  /// Name on the wire: `env_id`.
  public let name: String
  /// Name of the option in Lua, where it is not the wire's.
  public let scriptName: String
  public let type: FieldType
  public let location: FieldLocation
  public let isRequired: Bool
  /// Longest text, in characters.
  public let maximumLength: Int?
  /// The only product that has it; nil when both have.
  public let product: GatewayProduct?
  /// Sent when nothing is given, so that the answer does not depend on the gateway's own default.
  public let defaultValue: Document?
  /// One sentence.
  public let help: String
}

extension FieldDescriptor {
  /// Checks a value against type and bounds.
  ///
  /// - Throws: ``GatewayError`` of kind `usage`, naming the field.
  public func validate(_ value: Document) throws(GatewayError) {
    switch (type, value) {
    case (.string, .string(let text)):
      if let maximumLength, text.count > maximumLength {
        throw GatewayError(
          kind: .usage,
          message: "'\(scriptName)' is \(text.count) characters long, at most \(maximumLength) are allowed",
          hint: "shorten '\(scriptName)'; nothing was sent")
      }
    case (.integer, _) where value.integerValue != nil, (.boolean, .boolean), (.document, .object): break
    case (.strings, .array(let elements)):
      guard elements.allSatisfy({ $0.stringValue != nil }) else { throw mismatch(value) }
    case (.choice(let words), .string(let word)):
      guard words.contains(word) else {
        throw GatewayError(
          kind: .usage, message: "'\(scriptName)' cannot be \"\(word)\"",
          hint: Suggestion.closest(to: word, in: words).map { "did you mean \"\($0)\"?" }
            ?? "it is one of \(words.joined(separator: ", "))")
      }
    case (.file, .object): break
    case (.file, .string(let text)):
      guard !text.isEmpty else { throw GatewayError(kind: .usage, message: "'\(scriptName)' is empty") }
    case (.reference, .string(let id)): try validateIdentifier(id)
    case (.references, .array(let elements)): try validateIdentifiers(elements)
    default: throw mismatch(value)
    }
  }

  private func validateIdentifiers(_ elements: [Document]) throws(GatewayError) {
    guard !elements.isEmpty else {
      throw GatewayError(
        kind: .usage, message: "'\(scriptName)' is an empty list",
        hint: "check the selection first: if #list == 0 then …")
    }
    if case .references(let kind, let maximum) = type, elements.count > maximum {
      throw GatewayError(
        kind: .usage,
        message: "'\(scriptName)' holds \(elements.count) \(kind.noun)s, one request takes at most \(maximum)",
        hint: "use publish or offline with 'apis': they send as many batch requests as it takes")
    }
    for element in elements {
      guard let id = element.stringValue else { throw mismatch(element) }
      try validateIdentifier(id)
    }
  }

  /// IDs become path segments, so only what can be an ID is let through.
  private func validateIdentifier(_ id: String) throws(GatewayError) {
    let isPlain = id.utf8.allSatisfy {
      switch $0 {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
        true
      default: false
      }
    }
    guard !id.isEmpty, id.utf8.count <= 64, isPlain else {
      throw GatewayError(
        kind: .usage, message: "'\(scriptName)' is no ID: \"\(id.prefix(64))\"",
        hint: "IDs are 32 hexadecimal digits; a name goes into the option without '_id'")
    }
  }

  private func mismatch(_ value: Document) -> GatewayError {
    GatewayError(kind: .usage, message: "'\(scriptName)': \(type.typeName) expected, got \(value.typeName)")
  }
}
