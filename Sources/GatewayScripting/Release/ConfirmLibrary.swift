internal import GatewayAPI
internal import LuaRuntime
internal import ReleaseEngine

/// `apig.confirm`: a person says yes, once for the run however often it is resumed.
struct ConfirmLibrary: Sendable {
  let context: ScriptContext

  var functions: [LuaHostFunction] {
    [.recorded("confirm_with") { call in [.boolean(try await confirm(call[0]))] }]
  }

  private func confirm(_ table: LuaValue) async throws -> Bool {
    try context.beforeGatewayCall()
    let options = try CallOptions(table, of: .confirm)
    guard let text = try options.text("text") else {
      throw CallOptions.usage("'confirm' needs 'text'", "say what is about to be done")
    }
    let environment = try environment(options)
    let question = Question(
      text, environment: environment, isYesByDefault: try options.flag("default") ?? false)
    let arguments: Document = ["text": .string(text), "env": environment.map(Document.string) ?? .null]
    _ = try await context.recorder.carryOut(RecordedCall("confirm", arguments, title: "confirm: \(text)")) { _ in
      try await context.surroundings.ask(question)
      return true
    }
    // What a package asks, in its own words, is no yes to what others do there.
    if let environment, context.principal == .script { await context.surroundings.didConfirm(environment) }
    return true
  }

  private func environment(_ options: CallOptions) throws(GatewayError) -> String? {
    let value = options["env"]
    if value.isNil { return nil }
    let name = value.stringValue ?? value.tableValue?["name"].stringValue ?? value.tableValue?["id"].stringValue
    guard let name else { throw options.mismatch("env", expected: "env name, ID or record", got: value) }
    return name
  }
}
