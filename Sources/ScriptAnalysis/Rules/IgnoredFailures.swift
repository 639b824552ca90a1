internal import GatewayScripting

/// Calls that return their failures to somebody who does not look at them.
struct IgnoredFailures: ScriptRule {
  func findings(in script: ScriptReading) -> [ScriptFinding] {
    dropped(script)
      + unread(script).map { id, call in
        let name = script.scopes.variables[id].name
        return script.finding(
          .warning, "ignored-failure", at: name.range,
          "'\(name.text)' may hold failures and is never read (\(reason(call, script)))")
      }
  }

  /// The variables that this rule speaks of.
  static func variables(in script: ScriptReading) -> Set<Variable.ID> { Set(Self().unread(script).map(\.id)) }

  private func dropped(_ script: ScriptReading) -> [ScriptFinding] {
    script.calls.filter { returnsFailures($0, script) && script.callStatements.contains($0.range) }.map { call in
      script.finding(
        .warning, "ignored-failure", at: call.nameRange,
        "what \(call.shownName) returns may hold failures and is never read (\(reason(call, script)))")
    }
  }

  private func unread(_ script: ScriptReading) -> [(id: Variable.ID, call: ScriptCall)] {
    var unread: [(Variable.ID, ScriptCall)] = []
    for (id, variable) in script.scopes.variables.enumerated() where variable.readCount == 0 {
      guard let value = variable.value, !variable.name.text.hasPrefix("_"),
        let call = script.calls.first(where: { $0.range == value.range && returnsFailures($0, script) })
      else { continue }
      // Of a result and an error either tells.
      let together = script.scopes.lists.first { $0.contains(id) } ?? []
      guard !call.isTwin || together.allSatisfy({ script.scopes.variables[$0].readCount == 0 }) else { continue }
      unread.append((id, call))
    }
    return unread
  }

  private func returnsFailures(_ call: ScriptCall, _ script: ScriptReading) -> Bool {
    call.isTwin || isAsked(call, script)
  }

  private func isAsked(_ call: ScriptCall, _ script: ScriptReading) -> Bool {
    call.option("on_failure").flatMap(script.scopes.value)?.text == "return"
  }

  private func reason(_ call: ScriptCall, _ script: ScriptReading) -> String {
    isAsked(call, script) ? "on_failure = \"return\"" : "apig.try returns errors"
  }
}
