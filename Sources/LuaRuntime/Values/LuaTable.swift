/// A table by value: no identity, no metatable but that of its class.
public struct LuaTable: Sendable, Hashable {
  /// `t[1]` to `t[n]`, up to the first nil.
  public var sequence: [LuaValue]
  /// Every other key, in the order visited, or to be set. A nil value sets nothing.
  public var fields: [LuaField]
  /// The host class (`host.class`) whose metatable the table gets when it goes into Lua.
  public var className: String?

  public init(sequence: [LuaValue] = [], fields: [LuaField] = [], className: String? = nil) {
    self.sequence = sequence
    self.fields = fields
    self.className = className
  }

  /// The field of that name; `.nil` when absent, and setting `.nil` removes it. Cost: O(fields).
  public subscript(_ key: String) -> LuaValue {
    get { index(of: key).map { fields[$0].value } ?? .nil }
    set {
      switch (index(of: key), newValue) {
      case (let index?, .nil): fields.remove(at: index)
      case (let index?, _): fields[index].value = newValue
      case (nil, .nil): break
      case (nil, _): fields.append(LuaField(key: .text(key), value: newValue))
      }
    }
  }

  private func index(of key: String) -> Int? {
    unsafe key.withBytes { bytes in fields.firstIndex { unsafe $0.key.isText(bytes) } }
  }
}

/// One key and its value.
public struct LuaField: Sendable, Hashable {
  public var key: LuaValue
  public var value: LuaValue

  public init(key: LuaValue, value: LuaValue) {
    self.key = key
    self.value = value
  }
}
