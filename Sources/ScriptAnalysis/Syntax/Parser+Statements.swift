extension Parser {
  mutating func block() throws(SyntaxError) -> Block {
    let start = token.range.lowerBound
    var statements: [Statement] = []
    while !endsBlock {
      if isAt(.return) {
        statements.append(try nested { parser throws(SyntaxError) in try parser.returning() })
        break
      }
      if try take(.semicolon) { continue }
      statements.append(try nested { parser throws(SyntaxError) in try parser.statement() })
    }
    return Block(statements: statements, range: start..<max(start, lastEnd))
  }

  private var endsBlock: Bool {
    switch token.kind {
    case .end, .keyword(.else), .keyword(.elseif), .keyword(.end), .keyword(.until): true
    default: false
    }
  }

  private mutating func statement() throws(SyntaxError) -> Statement {
    let start = token.range.lowerBound
    let kind: Statement.Kind
    switch token.kind {
    case .keyword(.if): kind = try conditional()
    case .keyword(.while):
      try advance()
      let condition = try expression()
      try expect(.do)
      kind = .whileLoop(condition, try loopBody())
      try expect(.end)
    case .keyword(.do):
      try advance()
      kind = .block(try block())
      try expect(.end)
    case .keyword(.for): kind = try forLoop()
    case .keyword(.repeat):
      try advance()
      let body = try loopBody()
      try expect(.until)
      kind = .repeatLoop(body, try expression())
    case .keyword(.function): kind = try function()
    case .keyword(.local):
      try advance()
      if try take(.function) {
        let name = try name()
        kind = .localFunction(name, try functionBody(isMethod: false))
      } else {
        kind = try local()
      }
    case .sign(.doubleColon):
      try advance()
      let name = try name()
      try expect(.doubleColon)
      kind = .label(name)
    case .keyword(.break):
      guard isInLoop else { throw error("break outside a loop") }
      try advance()
      kind = .breaking
    case .keyword(.goto):
      try advance()
      kind = .goto(try name())
    default: kind = try callOrAssignment()
    }
    return Statement(kind: kind, range: start..<lastEnd)
  }

  private mutating func loopBody() throws(SyntaxError) -> Block {
    try inLoop { parser throws(SyntaxError) in try parser.block() }
  }

  private mutating func returning() throws(SyntaxError) -> Statement {
    let start = token.range.lowerBound
    try advance()
    var values: [Expression] = []
    if !endsBlock, !isAt(.semicolon) { values = try expressions() }
    let end = lastEnd
    _ = try take(.semicolon)
    guard endsBlock else { throw error("'<eof>' expected") }
    return Statement(kind: .returning(values), range: start..<end)
  }

  private mutating func conditional() throws(SyntaxError) -> Statement.Kind {
    var branches: [Branch] = []
    repeat {
      try advance()
      let condition = try expression()
      try expect(.then)
      branches.append(Branch(condition: condition, block: try block()))
    } while isAt(.elseif)
    let otherwise: Block? = try take(.else) ? try block() : nil
    try expect(.end)
    return .conditional(branches, otherwise: otherwise)
  }

  private mutating func forLoop() throws(SyntaxError) -> Statement.Kind {
    try advance()
    let first = try name()
    if try take(.assign) {
      var values = [try expression()]
      try expect(.comma)
      values.append(try expression())
      if try take(.comma) { values.append(try expression()) }
      try expect(.do)
      let body = try loopBody()
      try expect(.end)
      return .numericFor(first, values, body)
    }
    var names = [first]
    while try take(.comma) { names.append(try name()) }
    try expect(.in)
    let values = try expressions()
    try expect(.do)
    let body = try loopBody()
    try expect(.end)
    return .genericFor(names, values, body)
  }

  private mutating func function() throws(SyntaxError) -> Statement.Kind {
    try advance()
    let first = try name()
    var target = Expression(kind: .name(first), range: first.range)
    var suffixes: [Suffix] = []
    var isMethod = false
    while isAt(.dot) || isAt(.colon) {
      isMethod = isAt(.colon)
      let start = token.range.lowerBound
      try advance()
      let name = try name()
      suffixes.append(Suffix(kind: .field(name), range: start..<lastEnd))
      if isMethod { break }
    }
    if !suffixes.isEmpty {
      target = Expression(kind: .suffixed(target, suffixes), range: first.range.lowerBound..<lastEnd)
    }
    return .function(target, try functionBody(isMethod: isMethod))
  }

  private mutating func local() throws(SyntaxError) -> Statement.Kind {
    var names: [LocalName] = []
    repeat {
      let name = try name()
      var attribute: LocalName.Attribute?
      if try take(.less) {
        let place = token
        guard let known = LocalName.Attribute(rawValue: try self.name().text) else {
          throw SyntaxError(message: "unknown attribute", offset: place.range.lowerBound)
        }
        if known == .close, names.contains(where: { $0.attribute == .close }) {
          throw SyntaxError(
            message: "multiple to-be-closed variables in local list", offset: place.range.lowerBound)
        }
        attribute = known
        try expect(.greater)
      }
      names.append(LocalName(name: name, attribute: attribute))
    } while try take(.comma)
    return .local(names, try take(.assign) ? try expressions() : [])
  }

  private mutating func callOrAssignment() throws(SyntaxError) -> Statement.Kind {
    let first = try suffixedExpression()
    if isAt(.assign) || isAt(.comma) {
      var targets = [first]
      while try take(.comma) { targets.append(try suffixedExpression()) }
      guard targets.allSatisfy(\.isAssignable) else { throw error("syntax error") }
      try expect(.assign)
      return .assignment(targets, try expressions())
    }
    guard first.isCall else { throw error("syntax error") }
    return .call(first)
  }
}

extension Expression {
  fileprivate var isAssignable: Bool {
    switch kind {
    case .name: true
    case .suffixed(_, let suffixes):
      switch suffixes.last?.kind {
      case .field, .index: true
      case .call, .method, nil: false
      }
    default: false
    }
  }

  var isCall: Bool {
    guard case .suffixed(_, let suffixes) = kind else { return false }
    switch suffixes.last?.kind {
    case .call, .method: return true
    case .field, .index, nil: return false
    }
  }
}
