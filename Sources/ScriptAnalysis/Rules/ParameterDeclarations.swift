internal import GatewayAPI
internal import GatewayScripting
internal import LuaRuntime

/// What `apig.params` would refuse.
struct ParameterDeclarations: ScriptRule {
  func findings(in script: ScriptReading) -> [ScriptFinding] {
    script.calls.filter(\.function.isDeclaring).flatMap { call -> [ScriptFinding] in
      (call.arguments.first?.tableItems ?? []).compactMap { finding(on: $0, script) }
    }
  }

  private func finding(on item: TableItem, _ script: ScriptReading) -> ScriptFinding? {
    guard let name = item.name else {
      guard case .position = item.key else { return nil }
      return finding(
        at: item.value.range, "apig.params takes parameters by name", "name = { type = \"string\" }", script)
    }
    guard let items = item.value.tableItems else {
      guard script.scopes.value(of: item.value) != nil else { return nil }
      return finding(
        at: item.value.range, "parameter '\(name.text)' needs a table", "\(name.text) = { type = \"string\" }", script)
    }
    return unknownOption(of: name, items, script) ?? problem(with: name, items, script)
  }

  private func unknownOption(of name: Name, _ items: [TableItem], _ script: ScriptReading) -> ScriptFinding? {
    let known = ParameterDeclaration.options.map(\.name)
    for option in items.compactMap(\.name) where !known.contains(option.text) {
      return finding(
        at: option.range, "unknown option '\(option.text)' of parameter '\(name.text)'",
        script.suggestion(for: option.text, in: known, otherwise: "it takes \(known.joined(separator: ", "))"), script)
    }
    return nil
  }

  /// What the run's own check says of the parts that are known.
  private func problem(with name: Name, _ items: [TableItem], _ script: ScriptReading) -> ScriptFinding? {
    var options = LuaTable()
    var places: [String: Range<Int>] = [:]
    for item in items {
      guard let option = item.name else { continue }
      places[option.text] = item.value.range
      guard let value = script.scopes.luaValue(of: item.value) else {
        // Without these two nothing can be said of the others.
        if ["type", "of"].contains(option.text) { return nil }
        continue
      }
      options[option.text] = value
    }
    let declaration: ParameterDeclaration
    do throws(GatewayError) {
      declaration = try ParameterDeclaration(name: name.text, options)
    } catch {
      let place = places.keys.sorted().first { error.message.contains("'\($0)' of parameter") }
      let isType = error.message.contains("no type")
      return finding(
        at: (isType ? places["type"] : place.flatMap { places[$0] }) ?? name.range, error.message, error.hint, script)
    }
    do throws(ParameterError) {
      try declaration.checkDefault()
      return nil
    } catch {
      let isOwn = error.message.hasPrefix("the default")
      return finding(
        at: places["default"] ?? name.range,
        isOwn ? error.message : "the default of parameter '\(name.text)' is refused: \(error.message)",
        isOwn ? nil : error.hint, script)
    }
  }

  private func finding(
    at range: Range<Int>, _ message: String, _ hint: String?, _ script: ScriptReading
  ) -> ScriptFinding {
    script.finding(.error, "parameter", at: range, message, hint)
  }
}

extension Scopes {
  /// The same as a run would have it; nil when not all of it is known.
  fileprivate func luaValue(of expression: Expression) -> LuaValue? {
    switch value(of: expression) {
    case nil, .function, .boolean(nil), .string(_, isWhole: false): return nil
    case .nil: return .nil
    case .boolean(let flag?): return .boolean(flag)
    case .integer(let number): return .integer(number)
    case .float(let number): return .number(number)
    case .string(let bytes, isWhole: true): return .string(LuaString(bytes: bytes))
    case .table(let items):
      var table = LuaTable()
      for item in items {
        guard let value = luaValue(of: item.value) else { return nil }
        if let name = item.name {
          table[name.text] = value
        } else if case .position = item.key {
          table.sequence.append(value)
        } else {
          return nil
        }
      }
      return .table(table)
    }
  }
}
