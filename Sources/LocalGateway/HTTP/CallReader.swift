internal import GatewayAPI

/// Reads a request's fields as an operation declares them, and complains as the documented gateway does.
struct CallReader {
  let descriptor: OperationDescriptor
  let product: GatewayProduct
  let path: [String: String]
  let query: [(name: String, value: String)]
  /// The body as JSON; nil when the operation has none.
  let body: Document?

  /// The body as a form; nil when the operation takes none.
  var form: MultipartForm?

  /// - Throws: ``Fault``.
  func values() throws -> [String: Document] {
    var values: [String: Document] = [:]
    for field in descriptor.fields where field.product == nil || field.product == product {
      let value: Document? =
        switch field.location {
        case .path: path[field.name].map(Document.string)
        case .query: try value(of: query.last(where: { $0.name == field.name })?.value, field)
        case .form: try value(of: form?.text(field.name), field)
        case .formFile: try file(field)
        case .body: body?[field.name]
        case .wholeBody: body
        case .script: nil
        }
      guard let value, value != .null, value != "" else {
        if field.isRequired, field.location != .script { throw Fault.missing(field.name) }
        continue
      }
      try check(value, field)
      values[field.name] = value
    }
    return values
  }

  /// What a text of a query or a form stands for.
  private func value(of text: String?, _ field: FieldDescriptor) throws -> Document? {
    guard let text, !text.isEmpty else { return nil }
    switch field.type {
    case .integer:
      guard let number = Int64(text) else { throw Fault.invalid(field.name) }
      return .integer(number)
    case .boolean:
      guard let value = Bool(text.lowercased()) else { throw Fault.invalid(field.name) }
      return .boolean(value)
    default: return .string(text)
    }
  }

  private func file(_ field: FieldDescriptor) throws -> Document? {
    guard let bytes = form?.parts[field.name] else { return nil }
    guard !bytes.isEmpty else { throw Fault(400, GatewayErrorCode(rawValue: "APIG.3609"), "The input file is empty") }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw Fault(400, GatewayErrorCode(rawValue: "APIG.3600"), "JSON or YAML format error: it is not in UTF-8")
    }
    return .string(text)
  }

  private func check(_ value: Document, _ field: FieldDescriptor) throws {
    switch (field.type, value) {
    case (.string, .string(let text)):
      if let maximum = field.maximumLength, text.count > maximum { throw Fault.tooLong(field.name) }
    case (.integer, _) where value.integerValue != nil, (.boolean, .boolean), (.document, .object): break
    case (.choice(let words), .string(let word)):
      guard words.contains(word) else { throw Fault.wrong(field.name) }
    case (.reference, .string), (.file, .string): break
    case (.references(_, let maximum), .array(let elements)):
      guard !elements.isEmpty else { throw Fault.missing(field.name) }
      guard elements.count <= maximum else { throw Fault.tooMany(field.name) }
      guard elements.allSatisfy({ $0.stringValue != nil }) else { throw typeFault(field, value) }
    case (.strings, .array(let elements)):
      guard elements.allSatisfy({ $0.stringValue != nil }) else { throw typeFault(field, value) }
    default: throw typeFault(field, value)
    }
  }

  private func typeFault(_ field: FieldDescriptor, _ value: Document) -> Fault {
    Fault.unreadable("json: cannot unmarshal \(value.typeName) into field \(field.name)")
  }
}
