extension Statement {
  /// What its conditions only ask for: whether it is there or true.
  var testedExpressions: [Expression] {
    switch kind {
    case .whileLoop(let condition, _), .repeatLoop(_, let condition): [condition.unparenthesized]
    case .conditional(let branches, _): branches.map(\.condition.unparenthesized)
    default: []
    }
  }
}

extension Expression {
  /// Those of its operands that it only asks for: of `and`, `or`, `not`, a comparison with nil, and what `type` is
  /// compared for.
  var testedExpressions: [Expression] {
    switch kind {
    case .unary(.not, let operand): return [operand.unparenthesized]
    case .operations(let first, let operations):
      var tested = operations.filter { $0.sign.isLogical }.map(\.operand.unparenthesized)
      guard let start = operations.first else { return tested }
      if start.sign.isLogical {
        tested.append(first.unparenthesized)
      } else if start.sign == .comparison, case .nil = start.operand.kind {
        tested.append(first.unparenthesized)
      }
      return tested
    case .suffixed(let base, let suffixes):
      guard case .name(let name) = base.kind, name.text == "type", case .call(let arguments)? = suffixes.first?.kind
      else { return [] }
      return arguments.prefix(1).map(\.unparenthesized)
    default: return []
    }
  }

  var unparenthesized: Expression {
    var expression = self
    while case .parenthesized(let inner) = expression.kind { expression = inner }
    return expression
  }
}

extension BinaryOperator {
  fileprivate var isLogical: Bool { self == .and || self == .or }
}
