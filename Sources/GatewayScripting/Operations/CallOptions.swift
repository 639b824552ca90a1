internal import GatewayAPI
internal import LuaRuntime

/// The options table of one call, checked by name and type; references are still as the script gave them.
struct CallOptions: Sendable {
  let function: String
  private let parameters: [ScriptParameter]
  private let values: [String: LuaValue]

  /// The options of a declared function.
  ///
  /// - Throws: `GatewayError` of kind `usage`.
  init(_ table: LuaValue, of function: ScriptFunction) throws(GatewayError) {
    try self.init(table, of: function.name, parameters: function.options)
  }

  /// - Parameters:
  ///   - table: the call's only argument; nil stands for an empty table.
  ///   - parameters: what the function takes.
  /// - Throws: `GatewayError` of kind `usage` that names the option, with a suggestion for an unknown one.
  init(_ table: LuaValue, of function: String, parameters: [ScriptParameter]) throws(GatewayError) {
    self.function = function
    self.parameters = parameters
    var values: [String: LuaValue] = [:]
    switch table {
    case .nil: break
    case .table(let table):
      guard table.sequence.isEmpty else {
        let names = parameters.map(\.name)
        let example = names.filter { ["api", "env"].contains($0) }.map { "\($0) = …" }.joined(separator: ", ")
        throw Self.usage(
          "'\(function)' takes options by name, not a list",
          "write \(function){ \(example.isEmpty ? "\(names.first ?? "name") = …" : example) }")
      }
      for field in table.fields {
        guard let name = field.key.stringValue, parameters.contains(where: { $0.name == name }) else {
          throw Self.unknown(field.key, of: function, parameters: parameters)
        }
        values[name] = field.value
      }
    default:
      throw Self.usage("bad argument #1 to '\(function)' (table expected, got \(table.typeName))", nil)
    }
    self.values = values
    try checkWordsAndIDs()
  }

  /// Refuses what is wrong also where the call would not come to look at it; a filter by an ID that is none would let
  /// everything through.
  private func checkWordsAndIDs() throws(GatewayError) {
    for parameter in parameters where has(parameter.name) {
      switch parameter.type {
      case .choice where parameter.field == nil: _ = try choice(parameter.name, default: "")
      case .id:
        guard let id = self[parameter.name].stringValue else {
          throw mismatch(parameter.name, expected: parameter.type.name, got: self[parameter.name])
        }
        guard !id.isEmpty else {
          throw Self.usage("bad option '\(parameter.name)' to '\(function)' (it is empty)", nil)
        }
      default: break
      }
    }
  }

  subscript(_ name: String) -> LuaValue { values[name] ?? .nil }

  func has(_ name: String) -> Bool { !self[name].isNil }

  /// What an option takes, as it is declared.
  func type(of name: String) -> ScriptType { parameters.first { $0.name == name }?.type ?? .any }

  /// One of the words that are declared for it, or the default.
  ///
  /// - Throws: `GatewayError` of kind `usage`.
  func choice(_ name: String, default defaultWord: String) throws(GatewayError) -> String {
    let value = self[name]
    guard !value.isNil, case .choice(let words) = type(of: name) else { return defaultWord }
    guard let word = value.stringValue, words.contains(word) else {
      let list = words.map { "\"\($0)\"" }.joined(separator: " or ")
      throw Self.usage("bad option '\(name)' to '\(function)' (\(list) expected)", nil)
    }
    return word
  }

  /// The error for a value of the wrong type, in Lua's words.
  func mismatch(_ name: String, expected: String, got value: LuaValue) -> GatewayError {
    Self.usage("bad option '\(name)' to '\(function)' (\(expected) expected, got \(value.typeName))", nil)
  }

  private static func unknown(
    _ key: LuaValue, of function: String, parameters: [ScriptParameter]
  ) -> GatewayError {
    guard let name = key.stringValue else {
      return usage("'\(function)' takes options by name, got a \(key.typeName) as name", nil)
    }
    let names = parameters.map(\.name)
    let suggestion = Suggestion.closest(to: name, in: names)
    return usage(
      "unknown option '\(name)' to '\(function)'",
      suggestion.map { "did you mean '\($0)'?" } ?? "it takes \(names.joined(separator: ", "))")
  }

  static func usage(_ message: String, _ hint: String?) -> GatewayError {
    GatewayError(kind: .usage, message: message, hint: hint)
  }
}
