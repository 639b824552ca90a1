/// What the names of a script mean.
struct Scopes: Sendable {
  fileprivate(set) var variables: [Variable] = []
  fileprivate(set) var globals: [GlobalUse] = []
  /// Variables that are declared together, where the place of each tells what it gets: parameters, loop variables,
  /// what one call returns.
  fileprivate(set) var lists: [[Variable.ID]] = []
  fileprivate var bindings: [Int: Variable.ID] = [:]

  init(_ block: Block) {
    var resolver = ScopeResolver()
    resolver.resolve(block)
    self = resolver.scopes
  }

  fileprivate init() {}

  /// The variable that a name stands for, where it is declared or used; nil for a global.
  func variableID(of name: Name) -> Variable.ID? { bindings[name.range.lowerBound] }

  func variable(of name: Name) -> Variable? { variableID(of: name).map { variables[$0] } }

  var assignedGlobals: Set<String> { Set(globals.filter { $0.kind == .write }.map(\.name.text)) }

  /// Whether the script's globals are in a table of its own: then any name may be one.
  var replacesGlobals: Bool {
    variables.contains { $0.name.text == "_ENV" } || globals.contains { $0.kind == .write && $0.name.text == "_ENV" }
  }

  /// Whether the table of globals is given away as a whole: then anything may be set in it.
  var sharesGlobals: Bool { globals.contains { $0.kind == .read && Self.globalTables.contains($0.name.text) } }

  /// The names that the table of globals goes by.
  fileprivate static let globalTables: Set<String> = ["_G", "_ENV"]
}

/// Finds out which name stands for which variable.
private struct ScopeResolver {
  var scopes = Scopes()
  private var visible: [[String: Variable.ID]] = [[:]]
  /// Where names stand that are only asked for.
  private var tested: Set<Int> = []

  private mutating func declare(
    _ name: Name, _ kind: Variable.Kind, attribute: LocalName.Attribute? = nil, value: Expression? = nil,
    function: FunctionBody? = nil
  ) -> Variable.ID {
    let id = scopes.variables.count
    scopes.variables.append(
      Variable(name: name, kind: kind, attribute: attribute, value: value, function: function))
    visible[visible.count - 1][name.text] = id
    if kind != .implicit { scopes.bindings[name.range.lowerBound] = id }
    return id
  }

  private func visibleID(_ name: String) -> Variable.ID? { visible.reversed().lazy.compactMap { $0[name] }.first }

  private mutating func use(_ name: Name, isWrite: Bool = false) {
    guard let id = visibleID(name.text) else {
      let kind: GlobalUse.Kind = isWrite ? .write : tested.contains(name.range.lowerBound) ? .test : .read
      scopes.globals.append(GlobalUse(name: name, kind: kind))
      return
    }
    scopes.bindings[name.range.lowerBound] = id
    if isWrite { scopes.variables[id].writeCount += 1 } else { scopes.variables[id].readCount += 1 }
  }

  private mutating func inScope(_ body: (inout ScopeResolver) -> Void) {
    visible.append([:])
    body(&self)
    visible.removeLast()
  }

  mutating func resolve(_ block: Block) {
    for statement in block.statements { resolve(statement) }
  }

  private mutating func note(_ expressions: [Expression]) {
    for expression in expressions {
      if case .name(let name) = expression.kind { tested.insert(name.range.lowerBound) }
    }
  }

  /// `_G.name` and `_G["name"]`: the table, and what it is asked for.
  private func member(_ expression: Expression) -> (table: Name, key: Name, isAll: Bool)? {
    guard case .suffixed(let base, let suffixes) = expression.kind, case .name(let table) = base.kind,
      Scopes.globalTables.contains(table.text), visibleID(table.text) == nil
    else { return nil }
    switch suffixes.first?.kind {
    case .field(let key)?: return (table, key, suffixes.count == 1)
    case .index(let key)?:
      guard case .string(let text) = key.kind else { return nil }
      return (table, Name(text: String(decoding: text, as: UTF8.self), range: key.range), suffixes.count == 1)
    default: return nil
    }
  }

  private mutating func resolve(_ statement: Statement) {
    note(statement.testedExpressions)
    switch statement.kind {
    case .local(let names, let values):
      for value in values { resolve(value) }
      let ids = names.enumerated().map { index, name in
        declare(
          name.name, .local, attribute: name.attribute, value: values.indices.contains(index) ? values[index] : nil)
      }
      if names.count > values.count, let last = values.last, last.isCall {
        scopes.lists.append(Array(ids[(values.count - 1)...]))
        for (place, id) in ids[values.count...].enumerated() {
          scopes.variables[id].origin = .result(place + 1, of: last)
        }
      }
    case .assignment(let targets, let values):
      for value in values { resolve(value) }
      for target in targets { assign(target) }
    case .call(let call): resolve(call)
    case .block(let block): inScope { $0.resolve(block) }
    case .whileLoop(let condition, let block):
      resolve(condition)
      inScope { $0.resolve(block) }
    case .repeatLoop(let block, let condition):
      inScope {
        $0.resolve(block)
        $0.resolve(condition)
      }
    case .conditional(let branches, let otherwise):
      for branch in branches {
        resolve(branch.condition)
        inScope { $0.resolve(branch.block) }
      }
      if let otherwise { inScope { $0.resolve(otherwise) } }
    case .numericFor(let name, let values, let block):
      for value in values { resolve(value) }
      inScope {
        $0.scopes.lists.append([$0.declare(name, .loop)])
        $0.resolve(block)
      }
    case .genericFor(let names, let values, let block):
      for value in values { resolve(value) }
      inScope { resolver in
        let ids = names.map { resolver.declare($0, .loop) }
        resolver.scopes.lists.append(ids)
        for (place, id) in ids.enumerated() { resolver.scopes.variables[id].origin = .loop(values, place) }
        resolver.resolve(block)
      }
    case .function(let target, let body):
      assign(target)
      resolve(body)
    case .localFunction(let name, let body):
      _ = declare(name, .function, function: body)
      resolve(body)
    case .returning(let values): for value in values { resolve(value) }
    case .breaking, .goto, .label: break
    }
  }

  private mutating func assign(_ target: Expression) {
    if case .name(let name) = target.kind {
      use(name, isWrite: true)
    } else if let member = member(target), member.isAll {
      scopes.globals.append(GlobalUse(name: member.table, kind: .holder))
      scopes.globals.append(GlobalUse(name: member.key, kind: .write))
    } else {
      resolve(target)
    }
  }

  /// - Parameter origin: of the parameter in a place, where the function is an argument of a call.
  private mutating func resolve(_ body: FunctionBody, origin: (Int) -> Variable.Origin? = { _ in nil }) {
    inScope { resolver in
      if body.isMethod { _ = resolver.declare(Name(text: "self", range: body.block.range), .implicit) }
      let ids = body.parameters.map { resolver.declare($0, .parameter) }
      resolver.scopes.lists.append(ids)
      for (place, id) in ids.enumerated() { resolver.scopes.variables[id].origin = origin(place) }
      resolver.resolve(body.block)
    }
  }

  private mutating func resolve(_ expression: Expression) {
    note(expression.testedExpressions)
    switch expression.kind {
    case .nil, .boolean, .integer, .float, .string, .ellipsis: break
    case .function(let body): resolve(body)
    case .name(let name): use(name)
    case .suffixed(let base, let suffixes):
      if let member = member(expression) {
        scopes.globals.append(GlobalUse(name: member.table, kind: .holder))
      } else {
        resolve(base)
      }
      for (index, suffix) in suffixes.enumerated() {
        switch suffix.kind {
        case .field: break
        case .index(let key): resolve(key)
        case .call(let arguments), .method(_, let arguments):
          for (place, argument) in arguments.enumerated() {
            guard case .function(let body) = argument.kind else {
              resolve(argument)
              continue
            }
            let call = Expression(
              kind: .suffixed(base, Array(suffixes[...index])),
              range: expression.range.lowerBound..<suffix.range.upperBound)
            resolve(body) { .callback(of: call, argument: place, parameter: $0) }
          }
        }
      }
    case .parenthesized(let inner), .unary(_, let inner): resolve(inner)
    case .table(let items):
      for item in items {
        if case .expression(let key) = item.key { resolve(key) }
        resolve(item.value)
      }
    case .operations(let first, let operations):
      resolve(first)
      for operation in operations { resolve(operation.operand) }
    }
  }
}
