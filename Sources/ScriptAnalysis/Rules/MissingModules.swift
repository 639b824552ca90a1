internal import LuaRuntime

/// Modules that a script requires and that are not there.
struct MissingModules: ScriptRule {
  /// Finds modules; nil where there are none.
  let modules: LuaModuleSource?
  let isTest: Bool

  func findings(in script: ScriptReading) -> [ScriptFinding] {
    script.builtInCalls.compactMap { call in
      guard call.name == "require", let argument = call.arguments.first,
        let name = script.scopes.value(of: argument)?.text, name != "apig",
        !(isTest && name == SandboxLibrary.testModule)
      else { return nil }
      guard let problem = problem(with: name) else { return nil }
      return script.finding(.error, "missing-module", at: argument.range, problem.message, problem.hint)
    }
  }

  private func problem(with name: String) -> (message: String, hint: String?)? {
    guard let modules else { return ("there is no module '\(name)'", "what comes from standard input has no modules") }
    do {
      if try modules(name) != nil { return nil }
      let file = name.replacing(".", with: "/")
      return ("there is no module '\(name)'", "it would be \(file).lua or \(file)/init.lua beside the script")
    } catch {
      return ((error as? LuaError)?.message ?? "\(error)", nil)
    }
  }
}
