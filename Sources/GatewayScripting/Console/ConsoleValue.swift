public import LuaRuntime

/// A value of a session as it can be shown: a copy, cut where it is deep or long.
public indirect enum ConsoleValue: Sendable, Hashable {
  /// nil, a boolean, a number or a string.
  case plain(LuaValue)
  /// What only has a text: functions, coroutines, secrets, what lies too deep.
  case text(String)
  case table(ConsoleTable)

  init(_ value: LuaValue) {
    guard let node = value.tableValue else {
      self = .plain(value)
      return
    }
    self = node["kind"] == "table" ? .table(ConsoleTable(node)) : .text(node["text"].shownText)
  }
}

/// A table of a session as it can be shown.
public struct ConsoleTable: Sendable, Hashable {
  /// The host's class: "version", "list of apis".
  public let className: String?
  /// What the table says of itself.
  public let text: String?
  public let items: [ConsoleValue]
  /// How many items come behind those.
  public let itemsLeft: Int
  public let fields: [(key: ConsoleValue, value: ConsoleValue)]
  public let fieldsLeft: Int
  /// Of a list: how many there are on the gateway.
  public let total: Int?
  /// Of a list: whether it holds all there is.
  public let isComplete: Bool?

  init(_ node: LuaTable) {
    className = node["class"].stringValue
    text = node["text"].isNil ? nil : node["text"].shownText
    items = (node["items"].tableValue?.sequence ?? []).map(ConsoleValue.init)
    itemsLeft = node["left"].integerValue.map(Int.init) ?? 0
    let keys = (node["keys"].tableValue?.sequence ?? []).map(ConsoleValue.init)
    let values = (node["values"].tableValue?.sequence ?? []).map(ConsoleValue.init)
    fields = zip(keys, values).map { (key: $0, value: $1) }
    fieldsLeft = node["fields_left"].integerValue.map(Int.init) ?? 0
    total = node["total"].integerValue.map(Int.init)
    isComplete = node["complete"].booleanValue
  }

  public static func == (left: ConsoleTable, right: ConsoleTable) -> Bool {
    left.className == right.className && left.text == right.text && left.items == right.items
      && left.itemsLeft == right.itemsLeft && left.fieldsLeft == right.fieldsLeft && left.total == right.total
      && left.isComplete == right.isComplete && left.fields.elementsEqual(right.fields) { $0 == $1 }
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(className)
    hasher.combine(items)
    for field in fields {
      hasher.combine(field.key)
      hasher.combine(field.value)
    }
  }

  /// The kind of the records in a list; nil for what is no list of the gateway's.
  public var recordName: String? {
    guard let range = className?.firstRange(of: "list of "), let className else { return nil }
    return String(className[range.upperBound...].dropLast())
  }
}

extension LuaValue {
  /// The text of a string, repaired.
  fileprivate var shownText: String {
    if case .string(let string) = self { string.description } else { "" }
  }
}
