internal import LuaRuntime

/// Modules that a script requires and that are not there.
struct MissingModules: ScriptRule {
  /// Where modules are looked for; nil for nowhere.
  let folder: LuaModuleFolder?
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
    guard let folder else { return ("there is no module '\(name)'", "what comes from standard input has no modules") }
    do throws(LuaError) {
      if try folder.source(of: name) != nil { return nil }
      let file = name.replacing(".", with: "/")
      return ("there is no module '\(name)'", "it would be \(file).lua or \(file)/init.lua beside the script")
    } catch {
      return (error.message, nil)
    }
  }
}
