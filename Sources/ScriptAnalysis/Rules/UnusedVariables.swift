/// Local variables and parameters that nothing reads; a leading `_` says that this is meant.
struct UnusedVariables: ScriptRule {
  /// Variables that another rule speaks of.
  let except: Set<Variable.ID>

  func findings(in script: ScriptReading) -> [ScriptFinding] {
    let scopes = script.scopes
    // Of what is given by place, only what stands behind all that is used could be left out.
    let needed = Set(
      scopes.lists.flatMap { list in
        list.lastIndex { scopes.variables[$0].readCount > 0 }.map { list[..<$0] } ?? []
      })
    return scopes.variables.indices.compactMap { id in
      let variable = scopes.variables[id]
      guard variable.readCount == 0, variable.kind != .implicit, variable.attribute != .close,
        !variable.name.text.hasPrefix("_"), !needed.contains(id), !except.contains(id)
      else { return nil }
      let what =
        switch variable.kind {
        case .parameter: "parameter"
        case .loop: "loop variable"
        case .function: "function"
        case .local, .implicit: "variable"
        }
      let name = variable.name.text
      let verb =
        variable.writeCount > 0 ? "set and never read" : variable.kind == .function ? "never called" : "never read"
      return script.finding(
        .warning, "unused", at: variable.name.range, "\(what) '\(name)' is \(verb)",
        variable.kind == .local || variable.kind == .function ? nil : "'_\(name)' if that is meant")
    }
  }
}
