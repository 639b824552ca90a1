internal import GatewayAPI

/// Globals that nothing in the script sets and the sandbox does not have.
struct UndefinedGlobals: ScriptRule {
  let isTest: Bool

  func findings(in script: ScriptReading) -> [ScriptFinding] {
    let scopes = script.scopes
    guard !scopes.replacesGlobals, !scopes.sharesGlobals else { return [] }
    let known = scopes.assignedGlobals.union(SandboxLibrary.allGlobals)
      .union(isTest ? SandboxLibrary.testGlobals : [])
    // Who asks for a name uses it only where it is there.
    let tested = Set(scopes.globals.filter { $0.kind == .test }.map(\.name.text))
    let names = known.sorted() + scopes.variables.map(\.name.text)
    // What a script requires may set globals for it.
    let severity: ScriptFinding.Severity = script.requiresModules ? .warning : .error
    return scopes.globals.filter {
      $0.kind == .read && !known.contains($0.name.text) && !tested.contains($0.name.text)
    }.map { use in
      let name = use.name.text
      if SandboxLibrary.absent.contains(name) {
        return script.finding(
          .error, "undefined-global", at: use.name.range, "scripts have no '\(name)'",
          "they reach files, processes and the interpreter through apig alone")
      }
      return script.finding(
        severity, "undefined-global", at: use.name.range, "undefined global '\(name)'",
        script.suggestion(for: name, in: names))
    }
  }
}
