internal import GatewayAPI
internal import LuaRuntime
internal import ReleaseEngine

/// The host functions behind `with_rollback`.
struct RollbackLibrary: Sendable {
  let context: ScriptContext

  var functions: [LuaHostFunction] {
    [
      .sync("open_scope") { call in
        try context.beforeGatewayCall()
        return [.integer(context.scopes.open(CallOrigin(call)))]
      },
      .sync("close_scope") { call in
        if let (number, _) = scope(call) { _ = context.scopes.close(number) }
        return []
      },
      .recorded("undo_scope") { call in
        guard let (number, scope) = scope(call) else { return [true] }
        // Closed afterwards: who stops the run meanwhile finds it open.
        defer { _ = context.scopes.close(number) }
        if let cause = call[1].stringValue { context.output.note(.failed(cause: cause)) }
        return [Self.value(of: try await context.undo(scope))]
      },
    ]
  }

  /// The scope that a call names: one that its own task opened.
  private func scope(_ call: LuaCall) -> (number: Int64, scope: UndoScope)? {
    guard let number = call[0].integerValue, let scope = context.scopes.scope(number), scope.branch == call.branch
    else { return nil }
    return (number, scope)
  }

  /// true, or the list of what could not be undone.
  private static func value(of report: UndoReport) -> LuaValue {
    guard !report.isComplete else { return true }
    let failed = report.apis.filter { $0.state == .undoFailed }.map { change in
      var entry = LuaTable()
      entry["api"] = .text(change.apiName ?? change.apiID)
      entry["api_id"] = .text(change.apiID)
      entry["env_id"] = change.environmentID.map(LuaValue.text) ?? .nil
      entry["message"] = .text(change.error?.reason ?? "it could not be undone")
      return LuaValue.table(entry)
    }
    return .table(LuaTable(sequence: failed))
  }
}
