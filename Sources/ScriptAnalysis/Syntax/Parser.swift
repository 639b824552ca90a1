/// Makes the tree of a Lua 5.4 source.
///
/// It takes what Lua's own compiler takes; what that refuses for its size alone (too many variables, too many
/// constants) it may take too.
struct Parser {
  /// Lua's own limit of levels in each other.
  private static let mostLevels = 200

  private var lexer: Lexer
  private(set) var token: Token
  private var ahead: Token?
  /// Where the token before this one ended.
  private(set) var lastEnd = 0
  private var levels = 0
  /// Of the functions around this place, the innermost last: whether each is variadic, and how many loops are open.
  private var functions: [(isVariadic: Bool, loops: Int)] = [(true, 0)]

  /// - Throws: ``SyntaxError``.
  static func parse(_ bytes: [UInt8]) throws(SyntaxError) -> Block {
    var parser = try Parser(bytes)
    let block = try parser.block()
    guard parser.token.kind == .end else { throw parser.error("'<eof>' expected") }
    return block
  }

  private init(_ bytes: [UInt8]) throws(SyntaxError) {
    lexer = Lexer(bytes)
    token = try lexer.next()
  }

  // MARK: - Tokens

  mutating func advance() throws(SyntaxError) {
    lastEnd = token.range.upperBound
    if let ahead {
      token = ahead
      self.ahead = nil
    } else {
      token = try lexer.next()
    }
  }

  /// The token behind this one.
  mutating func peek() throws(SyntaxError) -> Token {
    if let ahead { return ahead }
    let next = try lexer.next()
    ahead = next
    return next
  }

  func isAt(_ sign: Sign) -> Bool { token.kind == .sign(sign) }
  func isAt(_ keyword: Keyword) -> Bool { token.kind == .keyword(keyword) }

  mutating func take(_ sign: Sign) throws(SyntaxError) -> Bool {
    guard isAt(sign) else { return false }
    try advance()
    return true
  }

  mutating func take(_ keyword: Keyword) throws(SyntaxError) -> Bool {
    guard isAt(keyword) else { return false }
    try advance()
    return true
  }

  mutating func expect(_ sign: Sign) throws(SyntaxError) {
    guard try take(sign) else { throw error("'\(sign.rawValue)' expected") }
  }

  mutating func expect(_ keyword: Keyword) throws(SyntaxError) {
    guard try take(keyword) else { throw error("'\(keyword.rawValue)' expected") }
  }

  mutating func name() throws(SyntaxError) -> Name {
    guard case .name(let text) = token.kind else { throw error("<name> expected") }
    let name = Name(text: text, range: token.range)
    try advance()
    return name
  }

  func error(_ message: String) -> SyntaxError { SyntaxError(message: message, offset: token.range.lowerBound) }

  // MARK: - Nesting

  /// Goes one level down: a text that is nested without end must not use up the stack.
  mutating func nested<Result>(
    _ body: (inout Parser) throws(SyntaxError) -> Result
  ) throws(SyntaxError) -> Result {
    guard levels < Self.mostLevels else { throw error("the script is nested too deeply") }
    levels += 1
    defer { levels -= 1 }
    return try body(&self)
  }

  mutating func inFunction<Result>(
    isVariadic: Bool, _ body: (inout Parser) throws(SyntaxError) -> Result
  ) throws(SyntaxError) -> Result {
    functions.append((isVariadic, 0))
    defer { functions.removeLast() }
    return try body(&self)
  }

  mutating func inLoop(_ body: (inout Parser) throws(SyntaxError) -> Block) throws(SyntaxError) -> Block {
    functions[functions.count - 1].loops += 1
    defer { functions[functions.count - 1].loops -= 1 }
    return try body(&self)
  }

  var isInLoop: Bool { functions[functions.count - 1].loops > 0 }
  var isInVariadicFunction: Bool { functions[functions.count - 1].isVariadic }
}
