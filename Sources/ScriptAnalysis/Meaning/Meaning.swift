internal import GatewayScripting

/// What an expression stands for, of the things that `check` knows.
enum Meaning: Sendable {
  /// The module `apig`, or a table of functions in it: "", "health".
  case module(String)
  /// `apig.try`.
  case twins
  case function(ScriptFunction, isTwin: Bool)
  /// A handle on another gateway.
  case handle
  /// What `apig.params` returned: the names that it declares.
  case parameters([String])
  /// A table of facts in the module: its name, and what it holds.
  case facts(String, [String])
  /// A table of the standard library.
  case library(String)
  /// A global function of the standard library.
  case builtIn(String)
  /// What a function of the module returned, or a part of it.
  case value(ScriptShape)
}

/// Finds out what a script's expressions stand for.
final class MeaningResolver {
  private let scopes: Scopes
  private let assignedGlobals: Set<String>
  private var known: [Variable.ID: Meaning?] = [:]
  /// How many variables that are made of each other are being looked into.
  private var depth = 0

  init(_ scopes: Scopes) {
    self.scopes = scopes
    assignedGlobals = scopes.assignedGlobals
  }

  func meaning(of expression: Expression) -> Meaning? {
    switch expression.kind {
    case .name(let name): return meaning(of: name)
    case .parenthesized(let inner): return meaning(of: inner)
    case .suffixed(let base, let suffixes):
      var meaning = meaning(of: base)
      for suffix in suffixes {
        guard let before = meaning else { return nil }
        meaning = self.meaning(of: suffix, behind: before)
      }
      return meaning
    default: return nil
    }
  }

  func meaning(of name: Name) -> Meaning? {
    guard let id = scopes.variableID(of: name) else { return globalMeaning(name.text) }
    if let found = known[id] { return found }
    guard depth < 16 else { return nil }
    depth += 1
    defer { depth -= 1 }
    let variable = scopes.variables[id]
    let meaning =
      variable.constantValue.flatMap(meaning(of:))
      ?? (variable.writeCount == 0 ? variable.origin.flatMap(meaning(of:)) : nil)
    known[id] = .some(meaning)
    return meaning
  }

  private func globalMeaning(_ name: String) -> Meaning? {
    guard !scopes.replacesGlobals, !assignedGlobals.contains(name) else { return nil }
    if name == "apig" { return .module("") }
    if SandboxLibrary.tables[name] != nil { return .library(name) }
    return SandboxLibrary.globals.contains(name) ? .builtIn(name) : nil
  }

  /// What a part of a chain stands for, by what stands before it.
  func meaning(of suffix: Suffix, behind meaning: Meaning) -> Meaning? {
    switch (meaning, suffix.kind) {
    case (.module(let path), .field(let name)): Self.member(name.text, of: path)
    case (.twins, .field(let name)):
      ScriptFunctionCatalog.function(name.text).flatMap { $0.isOperation ? .function($0, isTwin: true) : nil }
    case (.function(let function, let isTwin), .call(let arguments)): result(of: function, isTwin: isTwin, arguments)
    case (.handle, .method(let name, let arguments)):
      ScriptFunctionCatalog.function(name.text).flatMap { result(of: $0, isTwin: false, arguments) }
    case (.value(let shape), .field(let name)): shape.field(name.text).map(Meaning.value)
    case (.value(let shape), .index(let key)):
      (key.nameAsKey.map { shape.field($0.text) } ?? shape.element).map(Meaning.value)
    case (.value(let shape), .method(let name, _)): shape.method(name.text)?.results.first.map(Meaning.value)
    case (.builtIn("require"), .call(let arguments)):
      arguments.first.flatMap(scopes.value)?.text == "apig" ? .module("") : nil
    default: nil
    }
  }

  private static func member(_ name: String, of path: String) -> Meaning? {
    let full = path.isEmpty ? name : "\(path).\(name)"
    if let function = ScriptFunctionCatalog.function(full) { return .function(function, isTwin: false) }
    guard path.isEmpty else { return nil }
    if name == "try" { return .twins }
    if let facts = ScriptFunctionCatalog.values[name] { return .facts("apig.\(name)", facts) }
    return ScriptFunctionCatalog.all.contains { $0.name.hasPrefix(name + ".") } ? .module(name) : nil
  }

  private func result(of function: ScriptFunction, isTwin: Bool, _ arguments: [Expression]) -> Meaning? {
    if function.name == ScriptFunction.gateway.name { return isTwin ? nil : .handle }
    guard function.isDeclaring else {
      return function.results.first.map { narrowed($0, by: arguments) }?.bound(types(function, arguments))
        .map(Meaning.value)
    }
    guard let items = arguments.first?.tableItems else { return nil }
    var names: [String] = []
    for item in items {
      guard let name = item.name else { return nil }
      names.append(name.text)
    }
    return .parameters(names)
  }

  /// Of a function that works on one API or on several, what the options that are written in the call ask for.
  private func narrowed(_ shape: ScriptShape, by arguments: [Expression]) -> ScriptShape {
    guard case .either(let shapes) = shape, shapes.count == 2, let items = arguments.first?.tableItems else {
      return shape
    }
    let names = items.compactMap(\.name?.text)
    // An item without a name that is known may be any option.
    guard names.count == items.count else { return shape }
    if !Set(names).isDisjoint(with: ["apis", "group", "group_id"]) { return shapes[1] }
    return Set(names).isDisjoint(with: ["api", "api_id"]) ? shape : shapes[0]
  }

  /// What the generic types of a function stand for in a call.
  private func types(_ function: ScriptFunction, _ arguments: [Expression]) -> [String: ScriptShape] {
    var types: [String: ScriptShape] = [:]
    for (place, argument) in zip(function.places(for: arguments.count), arguments) {
      guard case .list(.generic(let name)) = place.shape, case .value(let shape)? = meaning(of: argument) else {
        continue
      }
      types[name] = shape.element
    }
    return types
  }

  // MARK: - Variables that are given their values

  private func meaning(of origin: Variable.Origin) -> Meaning? {
    switch origin {
    case .result(let place, let call):
      guard let (before, suffix) = call.lastSuffix, let meaning = self.meaning(of: before) else { return nil }
      return result(place, of: suffix, behind: meaning)
    case .loop(let values, let place): return loopVariable(place, over: values)
    case .callback(let call, let argument, let parameter):
      guard let (before, suffix) = call.lastSuffix, let meaning = self.meaning(of: before) else { return nil }
      let function: ScriptFunction?
      let given: [Expression]
      switch (meaning, suffix.kind) {
      case (.function(let called, isTwin: false), .call(let arguments)): (function, given) = (called, arguments)
      case (.value(let shape), .method(let name, let arguments)):
        (function, given) = (shape.method(name.text), arguments)
      default: return nil
      }
      guard let function, function.places(for: given.count).indices.contains(argument),
        case .function(let parameters, _) = function.places(for: given.count)[argument].shape,
        parameters.indices.contains(parameter)
      else { return nil }
      return parameters[parameter].shape.bound(types(function, given)).map(Meaning.value)
    }
  }

  /// What a call returns behind its first result.
  private func result(_ place: Int, of suffix: Suffix, behind meaning: Meaning) -> Meaning? {
    switch (meaning, suffix.kind) {
    case (.function(let function, isTwin: true), .call) where place == 1 && function.results.count <= 1:
      .value(.optional(.record(ScriptRecord.error.name)))
    case (.value(let shape), .method(let name, _)):
      shape.method(name.text).flatMap { $0.results.indices.contains(place) ? .value($0.results[place]) : nil }
    default: nil
    }
  }

  private func loopVariable(_ place: Int, over values: [Expression]) -> Meaning? {
    guard values.count == 1, let call = values.first else { return nil }
    if case .value(.function(_, let returned?))? = meaning(of: call) { return place == 0 ? .value(returned) : nil }
    guard place == 1, let (before, suffix) = call.lastSuffix, case .call(let arguments) = suffix.kind,
      case .builtIn("ipairs")? = meaning(of: before), let list = arguments.first,
      case .value(let shape)? = meaning(of: list)
    else { return nil }
    return shape.element.map(Meaning.value)
  }
}

extension Expression {
  /// The items of a table that is written here.
  var tableItems: [TableItem]? {
    guard case .table(let items) = kind else { return nil }
    return items
  }
}

extension Expression {
  /// The key `"name"`: the same as a name.
  var nameAsKey: Name? {
    guard case .string(let text) = kind else { return nil }
    return Name(text: String(decoding: text, as: UTF8.self), range: range)
  }

  /// A chain's last part, and what stands before it.
  var lastSuffix: (before: Expression, suffix: Suffix)? {
    guard case .suffixed(let base, let suffixes) = kind, let last = suffixes.last else { return nil }
    let before = suffixes.dropLast()
    guard let end = before.last?.range.upperBound else { return (base, last) }
    return (Expression(kind: .suffixed(base, Array(before)), range: range.lowerBound..<end), last)
  }
}

extension TableItem {
  /// The key, when it is a name: `name = …` or `["name"] = …`.
  var name: Name? {
    switch key {
    case .name(let name): name
    case .expression(let key): key.nameAsKey
    case .position: nil
    }
  }
}
