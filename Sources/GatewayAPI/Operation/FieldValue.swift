/// A Swift type that can be a field of an operation.
public protocol FieldValue: Sendable {
  /// Reads a value that the field's descriptor has already accepted; nil when it has another type.
  init?(document: Document)
  /// What is sent; nil when the field is absent.
  var document: Document? { get }
}

extension String: FieldValue {
  public init?(document: Document) {
    guard let value = document.stringValue else { return nil }
    self = value
  }

  public var document: Document? { .string(self) }
}

extension Int: FieldValue {
  public init?(document: Document) {
    guard let value = document.integerValue else { return nil }
    self = value
  }

  public var document: Document? { .integer(Int64(self)) }
}

extension Bool: FieldValue {
  public init?(document: Document) {
    guard let value = document.booleanValue else { return nil }
    self = value
  }

  public var document: Document? { .boolean(self) }
}

extension Document: FieldValue {
  public init?(document: Document) { self = document }

  public var document: Document? { self }
}

extension Array: FieldValue where Element: FieldValue {
  public init?(document: Document) {
    guard let elements = document.arrayValue else { return nil }
    var values: [Element] = []
    for element in elements {
      guard let value = Element(document: element) else { return nil }
      values.append(value)
    }
    self = values
  }

  public var document: Document? { .array(compactMap(\.document)) }
}

extension Optional: FieldValue where Wrapped: FieldValue {
  public init?(document: Document) {
    guard let value = Wrapped(document: document) else { return nil }
    self = .some(value)
  }

  public var document: Document? { self?.document }
}

extension FieldValue where Self: RawRepresentable, RawValue == String {
  public init?(document: Document) {
    guard let word = document.stringValue else { return nil }
    self.init(rawValue: word)
  }

  public var document: Document? { .string(rawValue) }
}
