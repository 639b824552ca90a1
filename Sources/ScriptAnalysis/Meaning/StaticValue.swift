/// What is known of an expression's value without running the script.
enum StaticValue: Sendable {
  case `nil`
  case boolean(Bool?)
  case integer(Int64)
  case float(Double)
  /// Text; of what only begins with known text, that.
  case string([UInt8], isWhole: Bool)
  case table([TableItem])
  case function

  /// Lua's word for it.
  var typeName: String {
    switch self {
    case .nil: "nil"
    case .boolean: "boolean"
    case .integer, .float: "number"
    case .string: "string"
    case .table: "table"
    case .function: "function"
    }
  }

  /// The text, when all of it is known.
  var text: String? {
    guard case .string(let bytes, isWhole: true) = self else { return nil }
    return String(decoding: bytes, as: UTF8.self)
  }
}

extension Scopes {
  /// The value of an expression, as far as it is the same in every run; nil when nothing is known of it.
  ///
  /// A table is known only where it is written: one that a variable holds may have changed since.
  func value(of expression: Expression) -> StaticValue? { value(of: expression, depth: 0) }

  private func value(of expression: Expression, depth: Int) -> StaticValue? {
    // Variables may be made of each other for as long as a script likes.
    guard depth < 16 else { return nil }
    switch expression.kind {
    case .nil: return .nil
    case .boolean(let value): return .boolean(value)
    case .integer(let value): return .integer(value)
    case .float(let value): return .float(value)
    case .string(let text): return .string(text, isWhole: true)
    case .table(let items): return .table(items)
    case .function: return .function
    case .parenthesized(let inner): return value(of: inner, depth: depth + 1)
    case .name(let name):
      guard let variable = variable(of: name) else { return nil }
      if variable.function != nil, variable.writeCount == 0 { return .function }
      let value = variable.constantValue.flatMap { self.value(of: $0, depth: depth + 1) }
      if case .table = value { return nil }
      return value
    case .unary(let sign, let operand): return negated(sign, value(of: operand, depth: depth + 1))
    case .operations(let first, let operations):
      guard Set(operations.map(\.sign)) == [.concatenation] else {
        return operations.allSatisfy { $0.sign == .comparison } ? .boolean(nil) : nil
      }
      // Concatenation binds to the right: one operation, whose operand holds the rest.
      guard operations.count == 1 else { return nil }
      return joined(value(of: first, depth: depth + 1)) { value(of: operations[0].operand, depth: depth + 1) }
    case .suffixed, .ellipsis: return nil
    }
  }

  private func negated(_ sign: UnaryOperator, _ value: StaticValue?) -> StaticValue? {
    switch (sign, value) {
    case (.minus, .integer(let number)?): .integer(0 &- number)
    case (.minus, .float(let number)?): .float(-number)
    case (.not, _): .boolean(nil)
    default: nil
    }
  }

  /// The longest text, in bytes, that is put together here: a few lines may double it as often as there are lines.
  private static let mostText = 4096

  /// Text of two parts, of which the second may be unknown; it is asked for only where it counts.
  private func joined(_ left: StaticValue?, _ right: () -> StaticValue?) -> StaticValue? {
    guard case .string(let start, let isWhole)? = left else { return nil }
    guard isWhole, start.count <= Self.mostText, case .string(let end, let isAll)? = right() else {
      return .string(start, isWhole: false)
    }
    guard start.count + end.count <= Self.mostText else { return .string(start, isWhole: false) }
    return .string(start + end, isWhole: isAll)
  }
}
