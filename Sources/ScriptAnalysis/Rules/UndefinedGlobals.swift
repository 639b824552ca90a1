internal import GatewayAPI

/// Globals that nothing in the script sets and the sandbox does not have.
struct UndefinedGlobals: ScriptRule {
  let isTest: Bool

  func findings(in script: ScriptReading) -> [ScriptFinding] {
    let written = Set(script.scopes.globals.filter(\.isWrite).map(\.name.text))
    let known = written.union(SandboxLibrary.allGlobals).union(isTest ? SandboxLibrary.testGlobals : [])
    return script.scopes.globals.filter { !$0.isWrite && !known.contains($0.name.text) }.map { use in
      let name = use.name.text
      if SandboxLibrary.absent.contains(name) {
        return script.finding(
          .error, "undefined-global", at: use.name.range, "scripts have no '\(name)'",
          "they reach files, processes and the interpreter through apig alone")
      }
      let locals = script.scopes.variables.map(\.name.text)
      return script.finding(
        .error, "undefined-global", at: use.name.range, "undefined global '\(name)'",
        script.suggestion(for: name, in: known.sorted() + locals))
    }
  }
}
