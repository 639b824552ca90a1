public import GatewayAPI
public import LuaRuntime

extension LuaValue {
  /// A JSON value as Lua sees it: arrays and objects become tables, null becomes nil.
  public init(_ document: Document) {
    switch document {
    case .null: self = .nil
    case .boolean(let value): self = .boolean(value)
    case .integer(let value): self = .integer(value)
    case .number(let value): self = .number(value)
    case .string(let value): self = .string(LuaString(value))
    case .array(let elements): self = .table(LuaTable(sequence: elements.map(LuaValue.init)))
    case .object: self = .table(LuaTable(document, className: nil))
    }
  }

  /// A record of the gateway; its class makes reading a field that it cannot have an error.
  init(_ record: some GatewayRecord) {
    self = .table(LuaTable(record.document, className: type(of: record).schema.name))
  }
}

extension LuaTable {
  /// An object's members as fields; those that are null are absent.
  init(_ object: Document, className: String?) {
    let members = object.objectValue ?? [:]
    self.init(
      fields: members.compactMap { name, value in
        value == .null ? nil : LuaField(key: .string(LuaString(name)), value: LuaValue(value))
      }, className: className)
  }
}

/// A Lua value that JSON has no form for.
public struct NoJSONForm: Error, Sendable {
  /// Where in the value: "value.x[3]".
  public let path: String
  public let reason: String
}

extension Document {
  /// A Lua value as JSON: a table with only `1…n` is an array, an empty one too, any other an object.
  ///
  /// - Throws: ``NoJSONForm``.
  public init(_ value: LuaValue, path: String = "value") throws(NoJSONForm) {
    switch value {
    case .nil: self = .null
    case .boolean(let value): self = .boolean(value)
    case .integer(let value): self = .integer(value)
    case .number(let number):
      guard number.isFinite else { throw NoJSONForm(path: path, reason: "\(number) is no JSON number") }
      self = .number(number)
    case .string(let text):
      guard let text = text.string else { throw NoJSONForm(path: path, reason: "a string that is not UTF-8") }
      self = .string(text)
    case .table(let table) where table.className == PlannedValues.className:
      self = .string(table["text"].stringValue ?? "")
    case .table(let table) where table.className == SecretText.className:
      self = .string(SecretText.text(table, SecretText.mark))
    case .table(let table): try self.init(table, path: path)
    }
  }

  private init(_ table: LuaTable, path: String) throws(NoJSONForm) {
    var elements: [Document] = []
    for (index, element) in table.sequence.enumerated() {
      elements.append(try Document(element, path: "\(path)[\(index + 1)]"))
    }
    // A list of the gateway has fields of its own (`total`); as data it is still a list.
    guard elements.isEmpty, !table.fields.isEmpty else {
      guard table.fields.isEmpty || table.className != nil else {
        throw NoJSONForm(path: path, reason: "a table that is both a list and an object")
      }
      self = .array(elements)
      return
    }
    var members: [String: Document] = [:]
    for field in table.fields {
      guard let name = field.key.stringValue else {
        throw NoJSONForm(path: path, reason: "a \(field.key.typeName) as a member's name")
      }
      members[name] = try Document(field.value, path: "\(path).\(name)")
    }
    self = .object(members)
  }
}
