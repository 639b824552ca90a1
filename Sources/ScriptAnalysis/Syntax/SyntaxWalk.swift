/// Where a walk is.
enum SyntaxNode {
  case statement(Statement)
  case expression(Expression)
}

extension Block {
  /// Goes through everything in it, what holds something before what it holds.
  ///
  /// - Parameter visit: returns whether to go into what it is given.
  func walk(_ visit: (SyntaxNode) -> Bool) {
    for statement in statements { statement.walk(visit) }
  }
}

extension Statement {
  func walk(_ visit: (SyntaxNode) -> Bool) {
    guard visit(.statement(self)) else { return }
    for expression in expressions { expression.walk(visit) }
    for block in blocks { block.walk(visit) }
  }

  private var expressions: [Expression] {
    switch kind {
    case .local(_, let values), .returning(let values), .numericFor(_, let values, _), .genericFor(_, let values, _):
      values
    case .assignment(let targets, let values): targets + values
    case .call(let call): [call]
    case .whileLoop(let condition, _), .repeatLoop(_, let condition): [condition]
    case .conditional(let branches, _): branches.map(\.condition)
    case .function(let target, _): [target]
    case .block, .localFunction, .breaking, .goto, .label: []
    }
  }

  private var blocks: [Block] {
    switch kind {
    case .block(let block), .whileLoop(_, let block), .repeatLoop(let block, _), .numericFor(_, _, let block),
      .genericFor(_, _, let block):
      [block]
    case .conditional(let branches, let otherwise): branches.map(\.block) + [otherwise].compactMap(\.self)
    case .function(_, let body), .localFunction(_, let body): [body.block]
    case .local, .assignment, .call, .returning, .breaking, .goto, .label: []
    }
  }
}

extension Expression {
  func walk(_ visit: (SyntaxNode) -> Bool) {
    guard visit(.expression(self)) else { return }
    switch kind {
    case .nil, .boolean, .integer, .float, .string, .ellipsis, .name: break
    case .function(let body): body.block.walk(visit)
    case .suffixed(let base, let suffixes):
      base.walk(visit)
      for suffix in suffixes {
        switch suffix.kind {
        case .field: break
        case .index(let key): key.walk(visit)
        case .call(let arguments), .method(_, let arguments): for argument in arguments { argument.walk(visit) }
        }
      }
    case .parenthesized(let inner), .unary(_, let inner): inner.walk(visit)
    case .table(let items):
      for item in items {
        if case .expression(let key) = item.key { key.walk(visit) }
        item.value.walk(visit)
      }
    case .operations(let first, let operations):
      first.walk(visit)
      for operation in operations { operation.operand.walk(visit) }
    }
  }
}
