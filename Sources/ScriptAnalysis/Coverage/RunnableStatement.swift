/// Something of a script that can run by itself: a statement, or a condition of one.
///
/// Statements of the parser are counted, not the lines that Lua calls active (`lua_getinfo`, "L"): those are told of
/// functions that exist only, not of one inside a function that was never called, and they hold the `end` of every
/// function, which runs only where it does not return before.
struct RunnableStatement {
  /// Where it begins.
  let line: Int
  /// If any of them ran, so did it: what stands in it can only run after it. Lua counts a `local function` at its
  /// `end`, and what has no instruction of its own, as `while true`, not at all.
  let lines: ClosedRange<Int>
  /// Whether other statements stand in it.
  let hasInner: Bool
}

/// Finds them all.
///
/// Without one are what Lua makes no instruction for, or may make none: a label, `do`, a local variable that begins as
/// nil or is constant, an assignment of nil, and the `break` that is all there is to an `if`.
struct RunnableStatements {
  private let text: SourceText
  private(set) var all: [RunnableStatement] = []

  init(in block: Block, of text: SourceText) {
    self.text = text
    add(block)
  }

  private mutating func add(_ block: Block) {
    for statement in block.statements { add(statement) }
  }

  private mutating func add(_ statement: Statement) {
    switch statement.kind {
    case .label: break
    case .block(let block): add(block)
    case .local(let names, let values):
      let functions = functions(in: values)
      if makesInstructions(names, values) { add(statement.range, hasInner: !functions.isEmpty) }
      add(functions)
    case .assignment(let targets, let values):
      if !(targets.allSatisfy(\.isName) && values.allSatisfy(\.isNil)) { add(statement.range, of: targets + values) }
    case .call(let call): add(statement.range, of: [call])
    case .returning(let values): add(statement.range, of: values)
    case .breaking, .goto: add(statement.range)
    case .whileLoop(let condition, let body): addLoop(statement, [condition], body)
    case .numericFor(_, let values, let body), .genericFor(_, let values, let body):
      addLoop(statement, values, body)
    case .repeatLoop(let body, let condition):
      add(body)
      if !condition.isLiteral { add(condition.range, of: [condition]) }
    case .conditional(let branches, let otherwise): add(statement, branches, otherwise)
    case .function(_, let body), .localFunction(_, let body):
      add(statement.range, hasInner: true)
      add(body.block)
    }
  }

  private mutating func addLoop(_ statement: Statement, _ head: [Expression], _ body: Block) {
    let end = max(head.last?.range.upperBound ?? 0, body.statements.last?.range.upperBound ?? 0)
    add(statement.range.lowerBound..<end, hasInner: true)
    add(functions(in: head))
    add(body)
  }

  private mutating func add(_ statement: Statement, _ branches: [Branch], _ otherwise: Block?) {
    let blocks = branches.map(\.block) + [otherwise].compactMap(\.self)
    let end = blocks.flatMap(\.statements).map(\.range.upperBound).max() ?? 0
    for (index, branch) in branches.enumerated() {
      // Only the branches behind a condition tell that it was asked.
      let start = index == 0 ? statement.range.lowerBound : branch.condition.range.lowerBound
      add(start..<max(end, branch.condition.range.upperBound), hasInner: true)
      add(functions(in: [branch.condition]))
      if case .breaking = branch.block.statements.first?.kind { continue }
      add(branch.block)
    }
    if let otherwise { add(otherwise) }
  }

  private mutating func add(_ range: Range<Int>, hasInner: Bool = false) {
    let first = text.line(at: range.lowerBound)
    let last = max(first, text.line(at: max(range.lowerBound, range.upperBound - 1)))
    all.append(RunnableStatement(line: first, lines: first...last, hasInner: hasInner))
  }

  /// A statement, and those of the functions in its expressions.
  private mutating func add(_ range: Range<Int>, of expressions: [Expression]) {
    let functions = functions(in: expressions)
    add(range, hasInner: !functions.isEmpty)
    add(functions)
  }

  private mutating func add(_ functions: [FunctionBody]) {
    for function in functions { add(function.block) }
  }

  /// Functions that are written as values.
  private func functions(in expressions: [Expression]) -> [FunctionBody] {
    var bodies: [FunctionBody] = []
    for expression in expressions {
      expression.walk { node in
        guard case .expression(let expression) = node, case .function(let body) = expression.kind else { return true }
        bodies.append(body)
        return false
      }
    }
    return bodies
  }

  private func makesInstructions(_ names: [LocalName], _ values: [Expression]) -> Bool {
    guard !values.allSatisfy(\.isNil) else { return false }
    return !(names.last?.attribute == .const && names.count == values.count && values.allSatisfy(\.mayBeConstant))
  }
}

extension Expression {
  fileprivate var isName: Bool {
    if case .name = kind { true } else { false }
  }

  fileprivate var isNil: Bool {
    if case .nil = kind { true } else { false }
  }

  fileprivate var isLiteral: Bool {
    switch kind {
    case .nil, .boolean, .integer, .float, .string: true
    default: false
    }
  }

  /// Whether Lua may know its value already.
  fileprivate var mayBeConstant: Bool {
    switch kind {
    case .name: true
    case .parenthesized(let inner), .unary(_, let inner): inner.mayBeConstant
    case .operations(let first, let operations):
      first.mayBeConstant && operations.allSatisfy { $0.operand.mayBeConstant }
    default: isLiteral
    }
  }
}
