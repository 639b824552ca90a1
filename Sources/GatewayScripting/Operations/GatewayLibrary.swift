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
        try await requirePermission(for: type.descriptor, call[1].tableValue)
        let gatewayCall = try await operationCall(call[0])
        try context.onCall(type.name)
        return [try await planned { try await gatewayCall(type, context.plannedValues.leaving(call[1])) }]
      }
    } + [
      .recorded("select") { call in
        try await context.require(.read)
        let gatewayCall = try await operationCall(call[0])
        try context.onCall(call.function)
        return [try await planned { try await Selection(call: gatewayCall)(call[1]) }]
      },
      .recorded("next_page") { call in [try await planned { try await unreadLists.nextPage(call[0]) }] },
    ]
  }

  /// Of reads, and of what a change finds out before it is known what it is about.
  private func requirePermission(for operation: OperationDescriptor, _ options: LuaTable?) async throws {
    guard operation.effect == .read else { return try await requireAny(for: operation, options) }
    // It calls an API, with whatever that does behind the gateway.
    if operation.name == DebugAPI.descriptor.name, case .package(let package) = context.principal {
      throw package.refusal(ofChange: operation.name)
    }
    try await context.require(operation.name == Export.descriptor.name ? .export : .read)
  }

  /// A package that may not do anything of the kind learns nothing by trying, and none learns what it may not read.
  private func requireAny(for operation: OperationDescriptor, _ options: LuaTable?) async throws {
    guard case .package(let package) = context.principal else { return }
    let action = operation.batchAction?.rawValue ?? options?["action"].stringValue
    let name = operation.name == Batch.descriptor.name ? (action == "offline" ? "offline" : "publish") : operation.name
    guard let kind = Permission.Kind(changing: name) else { throw package.refusal(ofChange: name) }
    guard package.declared.contains(where: { $0.kind == kind }) else {
      let environment = options?["env"].stringValue ?? context.defaultEnvironment() ?? "*"
      throw package.refusal(of: Permission(kind, environment), isDeclared: false)
    }
    guard let options, !(options["if_changed"].isNil && options["only_if_same_as"].isNil) else { return }
    try await context.require(.read)
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
