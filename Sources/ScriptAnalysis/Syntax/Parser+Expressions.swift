extension Parser {
  mutating func expressions() throws(SyntaxError) -> [Expression] {
    var list = [try expression()]
    while try take(.comma) { list.append(try expression()) }
    return list
  }

  mutating func expression() throws(SyntaxError) -> Expression { try operand(above: 0) }

  /// An expression whose operators bind more strongly than `limit`.
  private mutating func operand(above limit: Int) throws(SyntaxError) -> Expression {
    try nested { parser throws(SyntaxError) in try parser.operations(above: limit) }
  }

  private mutating func operations(above limit: Int) throws(SyntaxError) -> Expression {
    let start = token.range.lowerBound
    let first: Expression
    if let sign = unaryOperator {
      try advance()
      let operand = try operand(above: BinaryOperator.unaryPriority)
      first = Expression(kind: .unary(sign, operand), range: start..<lastEnd)
    } else {
      first = try simpleExpression()
    }
    var operations: [Operation] = []
    while let (sign, left, right) = BinaryOperator.priorities(of: token.kind), left > limit {
      try advance()
      operations.append(Operation(sign: sign, operand: try operand(above: right)))
    }
    guard !operations.isEmpty else { return first }
    return Expression(kind: .operations(first, operations), range: start..<lastEnd)
  }

  private var unaryOperator: UnaryOperator? {
    switch token.kind {
    case .keyword(.not): .not
    case .sign(.minus): .minus
    case .sign(.tilde): .complement
    case .sign(.hash): .length
    default: nil
    }
  }

  private mutating func simpleExpression() throws(SyntaxError) -> Expression {
    let start = token.range.lowerBound
    let kind: Expression.Kind
    switch token.kind {
    case .integer(let value): kind = .integer(value)
    case .float(let value): kind = .float(value)
    case .string(let text): kind = .string(text)
    case .keyword(.nil): kind = .nil
    case .keyword(.true): kind = .boolean(true)
    case .keyword(.false): kind = .boolean(false)
    case .sign(.ellipsis):
      guard isInVariadicFunction else { throw error("cannot use '...' outside a vararg function") }
      kind = .ellipsis
    case .sign(.leftBrace): return try table()
    case .keyword(.function):
      try advance()
      let body = try functionBody(isMethod: false)
      return Expression(kind: .function(body), range: start..<lastEnd)
    default: return try suffixedExpression()
    }
    try advance()
    return Expression(kind: kind, range: start..<lastEnd)
  }

  mutating func suffixedExpression() throws(SyntaxError) -> Expression {
    let start = token.range.lowerBound
    let base: Expression
    switch token.kind {
    case .name:
      let name = try name()
      base = Expression(kind: .name(name), range: name.range)
    case .sign(.leftParenthesis):
      try advance()
      let inner = try expression()
      try expect(.rightParenthesis)
      base = Expression(kind: .parenthesized(inner), range: start..<lastEnd)
    default: throw error("unexpected symbol")
    }
    var suffixes: [Suffix] = []
    while let suffix = try suffix() { suffixes.append(suffix) }
    return suffixes.isEmpty ? base : Expression(kind: .suffixed(base, suffixes), range: start..<lastEnd)
  }

  private mutating func suffix() throws(SyntaxError) -> Suffix? {
    let start = token.range.lowerBound
    let kind: Suffix.Kind
    switch token.kind {
    case .sign(.dot):
      try advance()
      kind = .field(try name())
    case .sign(.leftBracket):
      try advance()
      kind = .index(try expression())
      try expect(.rightBracket)
    case .sign(.colon):
      try advance()
      let name = try name()
      guard let arguments = try arguments() else { throw error("function arguments expected") }
      kind = .method(name, arguments)
    default:
      guard let arguments = try arguments() else { return nil }
      kind = .call(arguments)
    }
    return Suffix(kind: kind, range: start..<lastEnd)
  }

  /// A call's arguments: a list in parentheses, a string, or a table; nil when none of them stands here.
  private mutating func arguments() throws(SyntaxError) -> [Expression]? {
    switch token.kind {
    case .string: return [try simpleExpression()]
    case .sign(.leftBrace): return [try table()]
    case .sign(.leftParenthesis):
      try advance()
      if try take(.rightParenthesis) { return [] }
      let list = try expressions()
      try expect(.rightParenthesis)
      return list
    default: return nil
    }
  }

  private mutating func table() throws(SyntaxError) -> Expression {
    let start = token.range.lowerBound
    try expect(.leftBrace)
    var items: [TableItem] = []
    while !isAt(.rightBrace) {
      items.append(try tableItem())
      if try !take(.comma), try !take(.semicolon) { break }
    }
    try expect(.rightBrace)
    return Expression(kind: .table(items), range: start..<lastEnd)
  }

  private mutating func tableItem() throws(SyntaxError) -> TableItem {
    if case .name = token.kind, try peek().kind == .sign(.assign) {
      let name = try name()
      try advance()
      return TableItem(key: .name(name), value: try expression())
    }
    if try take(.leftBracket) {
      let key = try expression()
      try expect(.rightBracket)
      try expect(.assign)
      return TableItem(key: .expression(key), value: try expression())
    }
    return TableItem(key: .position, value: try expression())
  }

  mutating func functionBody(isMethod: Bool) throws(SyntaxError) -> FunctionBody {
    try expect(.leftParenthesis)
    var parameters: [Name] = []
    var isVariadic = false
    if !isAt(.rightParenthesis) {
      repeat {
        if try take(.ellipsis) {
          isVariadic = true
          break
        }
        parameters.append(try name())
      } while try take(.comma)
    }
    try expect(.rightParenthesis)
    let block = try inFunction(isVariadic: isVariadic) { parser throws(SyntaxError) in try parser.block() }
    try expect(.end)
    return FunctionBody(parameters: parameters, isVariadic: isVariadic, isMethod: isMethod, block: block)
  }
}
