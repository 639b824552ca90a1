internal import GatewayAPI
internal import LuaRuntime
internal import ReleaseEngine

/// The host functions behind the gateway operations: one for each that is declared.
struct GatewayLibrary: Sendable {
  let context: ScriptContext
  let unreadLists: UnreadLists

  /// Each takes a gateway's name (false for the run's own) and the options table.
  var functions: [LuaHostFunction] {
    OperationCatalog.all.map { type in
      .recorded(type.name) { call in
        if type.descriptor.effect == .read {
          try context.surroundings.permissions.refuseDenied(
            Permission(type.name == "export" ? .export : .read))
        }
        let gatewayCall = try await operationCall(call[0])
        try context.onCall(type.name)
        return [try await planned { try await gatewayCall(type, context.plannedValues.leaving(call[1])) }]
      }
    } + [
      .recorded("select") { call in
        try context.surroundings.permissions.refuseDenied(Permission(.read))
        let gatewayCall = try await operationCall(call[0])
        try context.onCall(call.function)
        return [try await planned { try await Selection(call: gatewayCall)(call[1]) }]
      },
      .recorded("next_page") { call in [try await planned { try await unreadLists.nextPage(call[0]) }] },
    ]
  }

  /// A result with planned IDs as scripts see them. A plan that cannot go on ends: no script may catch that.
  private func planned(_ call: () async throws -> LuaValue) async throws -> LuaValue {
    do {
      return context.plannedValues.entering(try await call())
    } catch let end as CannotKnowUntilApply {
      throw LuaStop(end)
    }
  }

  private func operationCall(_ gateway: LuaValue) async throws -> OperationCall {
    try context.beforeGatewayCall()
    let name = gateway.stringValue
    let run = try await context.run(name)
    var call = OperationCall(run: run, unreadLists: unreadLists, defaultEnvironment: context.defaultEnvironment())
    call.narrowing = context.facts.narrowing
    if let source = context.promotionSource {
      call.promotionSource = { id, environment in source(name, id, environment) }
    }
    return call
  }
}
