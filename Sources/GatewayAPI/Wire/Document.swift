/// A JSON-shaped value: what the gateway sends and receives.
///
/// Integers keep their subtype: `1` and `1.0` are different documents. An
/// object's members have no order; they are printed sorted by name.
public enum Document: Sendable, Hashable {
  case null
  case boolean(Bool)
  case integer(Int64)
  case number(Double)
  case string(String)
  case array([Document])
  case object([String: Document])
}

extension Document {
  /// The member of an object, or nil when this is no object or has none of that name.
  public subscript(_ name: String) -> Document? {
    guard case .object(let members) = self else { return nil }
    return members[name]
  }

  public var stringValue: String? {
    guard case .string(let text) = self else { return nil }
    return text
  }

  public var integerValue: Int? {
    switch self {
    case .integer(let value): Int(exactly: value)
    case .number(let value): Int(exactly: value)
    default: nil
    }
  }

  public var booleanValue: Bool? {
    guard case .boolean(let value) = self else { return nil }
    return value
  }

  public var arrayValue: [Document]? {
    guard case .array(let elements) = self else { return nil }
    return elements
  }

  public var objectValue: [String: Document]? {
    guard case .object(let members) = self else { return nil }
    return members
  }

  /// JSON's word for the kind of this value, as error messages use it.
  public var typeName: String {
    switch self {
    case .null: "null"
    case .boolean: "boolean"
    case .integer: "integer"
    case .number: "number"
    case .string: "string"
    case .array: "array"
    case .object: "object"
    }
  }
}

extension Document: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
  ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  public init(stringLiteral value: String) { self = .string(value) }
  public init(integerLiteral value: Int64) { self = .integer(value) }
  public init(booleanLiteral value: Bool) { self = .boolean(value) }
  public init(arrayLiteral elements: Document...) { self = .array(elements) }
  public init(dictionaryLiteral members: (String, Document)...) {
    self = .object(Dictionary(members, uniquingKeysWith: { _, last in last }))
  }
}
