/// One field of an operation: its facts, and the Swift property that holds it.
public struct OperationField<Operation>: Sendable {
  public let descriptor: FieldDescriptor
  let read: @Sendable (Operation) -> Document?
  let write: @Sendable (inout Operation, Document) -> Bool

  /// - Parameters:
  ///   - name: the field's name on the wire.
  ///   - property: where the typed operation keeps it.
  ///   - scriptName: the option's name in Lua, where it differs.
  ///   - maximumLength: longest text, in characters.
  ///   - product: the only product that has this field.
  ///   - default: sent when nothing is given.
  ///   - help: one sentence.
  public init<Value: FieldValue>(
    _ name: String, _ property: any WritableKeyPath<Operation, Value> & Sendable, _ type: FieldType,
    in location: FieldLocation, scriptName: String? = nil, required: Bool = false, maximumLength: Int? = nil,
    only product: GatewayProduct? = nil, default defaultValue: Document? = nil, help: String
  ) {
    descriptor = FieldDescriptor(
      name: name, scriptName: scriptName ?? name, type: type, location: location, isRequired: required,
      maximumLength: maximumLength, product: product, defaultValue: defaultValue, help: help)
    read = { $0[keyPath: property].document }
    write = { operation, document in
      guard let value = Value(document: document) else { return false }
      operation[keyPath: property] = value
      return true
    }
  }
}
