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
    let meaning = scopes.variables[id].constantValue.flatMap(meaning(of:))
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
    case (.function(let function, isTwin: false), .call(let arguments)): result(of: function, arguments)
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

  private func result(of function: ScriptFunction, _ arguments: [Expression]) -> Meaning? {
    if function.name == ScriptFunction.gateway.name { return .handle }
    guard function.isDeclaring, let items = arguments.first?.tableItems else { return nil }
    var names: [String] = []
    for item in items {
      guard let name = item.name else { return nil }
      names.append(name.text)
    }
    return .parameters(names)
  }
}

extension Expression {
  /// The items of a table that is written here.
  var tableItems: [TableItem]? {
    guard case .table(let items) = kind else { return nil }
    return items
  }
}

extension TableItem {
  /// The key, when it is a name: `name = …` or `["name"] = …`.
  var name: Name? {
    switch key {
    case .name(let name): return name
    case .expression(let key):
      guard case .string(let text) = key.kind else { return nil }
      return Name(text: String(decoding: text, as: UTF8.self), range: key.range)
    case .position: return nil
    }
  }
}
