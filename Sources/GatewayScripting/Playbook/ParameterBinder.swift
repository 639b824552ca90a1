internal import GatewayAPI
internal import LuaRuntime

/// Matches what the user gave with what the playbook declares.
struct ParameterBinder {
  let declarations: [ParameterDeclaration]
  /// Default for parameters of type `env`: the command's `--env`.
  let defaultEnvironment: String?
  let now: Timestamp

  /// - Returns: the value of every declared parameter that has one.
  /// - Throws: ``ParameterError``.
  func bind(_ values: ParameterValues) throws(ParameterError) -> LuaTable {
    let given = try texts(of: values)
    var bound = LuaTable()
    for declaration in declarations {
      let conversion = ParameterConversion(declaration: declaration, now: now)
      if let text = given[declaration.name] {
        bound[declaration.name] = try conversion.value(of: text)
      } else if declaration.type == .env, let defaultEnvironment {
        bound[declaration.name] = .text(defaultEnvironment)
      } else if !declaration.defaultValue.isNil {
        bound[declaration.name] = try conversion.value(ofDefault: declaration.defaultValue)
      } else if declaration.isRequired {
        let usage = [declaration.flag, declaration.type.placeholder].joined(separator: " ")
        throw ParameterError(message: "missing parameter \(declaration.flag)", hint: "add \(usage)")
      } else if declaration.type == .boolean {
        bound[declaration.name] = false
      }
    }
    return bound
  }

  /// What was given for which parameter, as text.
  ///
  /// - Throws: ``ParameterError``.
  func texts(of values: ParameterValues) throws(ParameterError) -> [String: String] {
    var given: [String: String] = [:]
    for (name, value) in values.named { given[try declaration(name).name] = value }
    try readArguments(values.arguments, into: &given)
    return given
  }

  private func readArguments(_ arguments: [String], into given: inout [String: String]) throws(ParameterError) {
    var rest = arguments[...]
    while let word = rest.popFirst() {
      guard word.hasPrefix("--"), word.count > 2 else {
        throw ParameterError(
          message: "unexpected argument '\(word)'", hint: "parameters are given as --name value")
      }
      let parts = word.dropFirst(2).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let name = String(parts[0])
      if parts.count == 1, name.hasPrefix("no-"), let negated = find(String(name.dropFirst(3))),
        negated.type == .boolean
      {
        given[negated.name] = "false"
        continue
      }
      let declaration = try declaration(name)
      if parts.count == 2 {
        given[declaration.name] = String(parts[1])
      } else if declaration.type == .boolean {
        given[declaration.name] = "true"
      } else if let value = rest.popFirst() {
        given[declaration.name] = value
      } else {
        throw ParameterError(message: "parameter \(declaration.flag) needs a value", hint: nil)
      }
    }
  }

  private func find(_ name: String) -> ParameterDeclaration? {
    let plain = name.replacing("-", with: "_")
    return declarations.first { $0.name == plain }
  }

  private func declaration(_ name: String) throws(ParameterError) -> ParameterDeclaration {
    if let declaration = find(name) { return declaration }
    let flags = declarations.map(\.flag)
    let hint =
      if let closest = Suggestion.closest(to: "--" + name, in: flags) {
        "did you mean \(closest)?"
      } else if flags.isEmpty {
        "this script takes none"
      } else {
        "there are \(flags.joined(separator: ", "))"
      }
    throw ParameterError(message: "unknown parameter --\(name)", hint: hint)
  }
}
