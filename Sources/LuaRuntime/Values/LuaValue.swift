/// A value that crosses between Swift and Lua. Functions, coroutines and userdata never do.
public enum LuaValue: Sendable, Hashable {
  case `nil`
  case boolean(Bool)
  case integer(Int64)
  /// A float; integers keep their subtype on both ways.
  case number(Double)
  case string(LuaString)
  /// In a box of its own: values are copied far more often than tables are made, and small ones in registers.
  indirect case table(LuaTable)

  /// Bytes of memory that a value takes at most, without those of its text: a table's box has a header of 16.
  package static let mostBytes = MemoryLayout<LuaValue>.stride + 16 + MemoryLayout<LuaTable>.stride

  /// A string value of Swift text.
  @inlinable public static func text(_ text: String) -> LuaValue { .string(LuaString(text)) }

  public var isNil: Bool {
    if case .nil = self { true } else { false }
  }

  /// Whether it is a string of these bytes of UTF-8.
  func isText(_ bytes: UnsafeRawBufferPointer) -> Bool {
    if case .string(let string) = self { unsafe string.isText(bytes) } else { false }
  }

  /// The text of a string value that is valid UTF-8.
  public var stringValue: String? {
    if case .string(let string) = self { string.string } else { nil }
  }

  /// The integer, also of a float that has an exact one.
  public var integerValue: Int64? {
    switch self {
    case .integer(let integer): integer
    case .number(let number): Int64(exactly: number)
    default: nil
    }
  }

  /// The number, of either subtype.
  public var numberValue: Double? {
    switch self {
    case .integer(let integer): Double(integer)
    case .number(let number): number
    default: nil
    }
  }

  public var booleanValue: Bool? {
    if case .boolean(let boolean) = self { boolean } else { nil }
  }

  public var tableValue: LuaTable? {
    if case .table(let table) = self { table } else { nil }
  }

  /// Lua's word for the type: `nil`, `boolean`, `number`, `string` or `table`.
  public var typeName: String {
    switch self {
    case .nil: "nil"
    case .boolean: "boolean"
    case .integer, .number: "number"
    case .string: "string"
    case .table: "table"
    }
  }
}

extension LuaValue: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByFloatLiteral, ExpressibleByStringLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  public init(nilLiteral: ()) { self = .nil }
  public init(booleanLiteral value: Bool) { self = .boolean(value) }
  public init(integerLiteral value: Int64) { self = .integer(value) }
  public init(floatLiteral value: Double) { self = .number(value) }
  @inlinable public init(stringLiteral value: String) { self = .text(value) }
  public init(arrayLiteral elements: LuaValue...) { self = .table(LuaTable(sequence: elements)) }
  public init(dictionaryLiteral elements: (LuaValue, LuaValue)...) {
    self = .table(LuaTable(fields: elements.map { LuaField(key: $0.0, value: $0.1) }))
  }
}
