internal import GRDB
internal import GatewayAPI
internal import GatewaySigning
internal import HTTPTypes
internal import Hummingbird
internal import Logging
internal import NIOCore

/// The routes of the gateway, made from the operations' declarations: no path is written twice.
struct Server: Sendable {
  let configuration: LocalGatewayConfiguration
  let store: Store
  private let clock: GatewayClock
  private let log = RequestLog()
  private let faults: FaultBook
  private let past = PastStates()
  private let authentication: CallAuthentication
  private let identity: IdentityService
  private let dataPlane: DataPlane
  private let handlers = Handlers.all

  /// Largest request, in bytes.
  static let maximumBodyBytes = 8 << 20

  init(configuration: LocalGatewayConfiguration, store: Store, faults: FaultBook, clock: GatewayClock) {
    self.configuration = configuration
    self.store = store
    self.clock = clock
    self.faults = faults
    let credentials = CredentialStore(store: store)
    authentication = CallAuthentication(configuration: configuration, clock: clock, credentials: credentials)
    identity = IdentityService(
      configuration: configuration, clock: clock, credentials: credentials, authentication: authentication)
    dataPlane = DataPlane(configuration: configuration, store: store, clock: clock, faults: faults)
  }

  func router() -> Router<GatewayRequestContext> {
    let router = Router(context: GatewayRequestContext.self)
    router.add(middleware: Recording(log: log, clock: clock))
    router.add(middleware: CallRouting(dataPlane: dataPlane))
    router.add(middleware: UnknownPath())
    for product in GatewayProduct.allCases {
      for (template, descriptors) in routes(of: product) {
        let path = RouterPath(template)
        for (method, candidates) in Dictionary(grouping: descriptors, by: \.method) {
          router.on(path, method: method.httpMethod) { request, context in
            await self.answerCaller(request, context) {
              try await self.carryOut(candidates, product, $0, context.exchange)
            }
          }
        }
        refuseOtherMethods(on: path, allowed: Set(descriptors.map(\.method.httpMethod)), router)
      }
    }
    addIdentityRoutes(to: router)
    if configuration.hasAdmin ?? configuration.isLoopback { addAdminRoutes(to: router) }
    return router
  }

  private func addIdentityRoutes(to router: Router<GatewayRequestContext>) {
    add("/v3/auth/tokens", .post, to: router) { request, exchange in
      exchange.note { $0.operation = FaultRule.tokenName }
      return try await self.faults.withRules(exchange) { rules in
        try self.store.readHere { try rules.requireCurrent($0) }
        let subject = FaultSubject(kind: .token)
        if let reply = try await self.faults.before(subject, rules, exchange) { return reply }
        let reply = try await self.identity.issueToken(request)
        return try await self.faults.after(subject, rules, exchange, reply)
      }
    }
    add("/v3/projects", .get, to: router) { request, _ in try self.identity.listProjects(request) }
    add("/v3.0/OS-CREDENTIAL/securitytokens", .post, to: router) { request, _ in
      try await self.identity.issueTemporaryKey(request)
    }
    // It asks for no credential and gives one: nothing for other machines.
    guard configuration.isLoopback else { return }
    add("/openstack/latest/securitykey", .get, to: router) { request, _ in
      try LoopbackGuard.check(request.signable)
      return try await self.identity.serverKey()
    }
  }

  private func addAdminRoutes(to router: Router<GatewayRequestContext>) {
    let admin = AdminRoutes(
      configuration: configuration, store: store, clock: clock, log: log, faults: faults,
      authentication: authentication)
    for (path, routes) in Dictionary(grouping: admin.all, by: \.path) {
      for route in routes {
        router.on(RouterPath(path), method: route.method.httpMethod) { request, context in
          await self.answer(request, context) { incoming in
            try admin.check(incoming)
            return try await route.answer(incoming)
          }
        }
      }
      refuseOtherMethods(on: RouterPath(path), allowed: Set(routes.map(\.method.httpMethod)), router)
    }
  }

  /// A route of the identity service, whose errors have a form of their own.
  private func add(
    _ path: RouterPath, _ method: HTTPRequest.Method, to router: Router<GatewayRequestContext>,
    _ body: @escaping @Sendable (IncomingRequest, Exchange) async throws -> Reply
  ) {
    router.on(path, method: method) { request, context in
      await self.answer(request, context) { incoming in
        do {
          return try await body(incoming, context.exchange)
        } catch let fault as Fault {
          throw IdentityFault(status: fault.status, message: fault.message)
        }
      }
    }
    refuseOtherMethods(on: path, allowed: [method], router)
  }

  private func routes(of product: GatewayProduct) -> [String: [OperationDescriptor]] {
    let served = OperationCatalog.all.map { $0.descriptor }.filter { handlers.bodies[$0.name] != nil }
    return Dictionary(grouping: served) { $0.path.template(for: product) }
  }

  // MARK: - Operations

  private func carryOut(
    _ candidates: [OperationDescriptor], _ product: GatewayProduct, _ request: IncomingRequest, _ exchange: Exchange
  ) async throws -> Reply {
    let instance = request.path["instance_id"] ?? localInstanceID
    if configuration.hasStrictIDs, instance != localInstanceID { throw Fault.instance(instance) }
    // Operations may share method and path; then the body tells which is meant.
    let isShared = candidates.count > 1 || !candidates[0].fixedBody.isEmpty
    let shared = try request.json(isNeeded: isShared)
    let descriptor = isShared ? try choose(candidates, shared) : candidates[0]
    exchange.note { $0.operation = descriptor.name }
    let reader = CallReader(
      descriptor: descriptor, product: product, path: request.path, query: request.signable.query,
      body: try shared ?? request.json(isNeeded: descriptor.hasBody),
      form: try request.form(isNeeded: descriptor.takesForm))
    let call = Call(
      product: product, projectID: request.path["project_id"] ?? "", instanceID: instance, values: try reader.values())
    guard let body = handlers.bodies[descriptor.name] else { throw Fault.wrong("action") }
    let subject = FaultSubject(kind: .operation(descriptor.name), apis: call.namedAPIs)
    return try await faults.withRules(exchange) { rules in
      if let reply = try await faults.before(subject, rules, exchange) { return reply }
      let work = try body(call)
      let reply =
        descriptor.effect == .write
        ? try await write(rules, work)
        : try await read(subject, rules, exchange, isLong: handlers.long.contains(descriptor.name), work)
      if descriptor.effect == .write { exchange.note(ChangedResources(call, reply)) }
      return try await faults.after(subject, rules, exchange, reply)
    }
  }

  private func write(
    _ rules: FaultRules, _ body: @escaping @Sendable (Transaction) throws -> Reply
  ) async throws -> Reply {
    let now = clock.now()
    let configuration = configuration
    try await past.keep(store, upTo: rules.longestStaleness)
    return try await store.writeTogether { db in
      try rules.requireCurrent(db)
      let last = try EffectChanges.last(db)
      let reply = try body(Transaction(db: db, configuration: configuration, now: now))
      try EffectChanges.stamp(after: last, now, db)
      return reply
    }
  }

  private func read(
    _ subject: FaultSubject, _ rules: FaultRules, _ exchange: Exchange, isLong: Bool,
    _ body: @escaping @Sendable (Transaction) throws -> Reply
  ) async throws -> Reply {
    let now = clock.now()
    let configuration = configuration
    if let age = try await faults.staleness(subject, rules, exchange), let state = await past.state(before: age) {
      return try await state.read { try body(Transaction(db: $0, configuration: configuration, now: now)) }
    }
    let work: @Sendable (Database) throws -> Reply = { db in
      try rules.requireCurrent(db)
      return try body(Transaction(db: db, configuration: configuration, now: now))
    }
    return isLong ? try await store.read(work) : try store.readHere(work)
  }

  /// The operation that a member of the body names.
  private func choose(_ candidates: [OperationDescriptor], _ body: Document?) throws -> OperationDescriptor {
    for candidate in candidates where candidate.fixedBody.allSatisfy({ body?[$0.key] == $0.value }) { return candidate }
    let name = candidates.first?.fixedBody.keys.first ?? "action"
    guard let given = body?[name], given != .null, given != "" else { throw Fault.missing(name) }
    throw Fault.wrong(name)
  }

  // MARK: - Requests and answers

  /// Answers those whom the gateway knows.
  private func answerCaller(
    _ request: Request, _ context: GatewayRequestContext, _ body: (IncomingRequest) async throws -> Reply
  ) async -> Response {
    await answer(request, context) { incoming in
      let caller = try authentication.check(incoming.signable)
      context.exchange.note { $0.caller = caller.description }
      return try await body(incoming)
    }
  }

  private func answer(
    _ request: Request, _ context: GatewayRequestContext, _ body: (IncomingRequest) async throws -> Reply
  ) async -> Response {
    await context.exchange.reply(context.logger) {
      try await body(try await IncomingRequest(request, context, maximumBodyBytes: Self.maximumBodyBytes))
    }.response
  }

  private static let allMethods: [HTTPRequest.Method] = [.get, .post, .put, .delete, .patch, .head, .options]

  private func refuseOtherMethods(
    on path: RouterPath, allowed: Set<HTTPRequest.Method>, _ router: Router<GatewayRequestContext>
  ) {
    let allow = allowed.map(\.rawValue).sorted().joined(separator: ", ")
    for method in Self.allMethods where !allowed.contains(method) {
      router.on(path, method: method) { _, context in
        let fault = Fault(405, GatewayErrorCode(rawValue: "APIG.0106"), "The method is not allowed; allowed: \(allow)")
        context.exchange.note { $0.code = fault.code.rawValue }
        return Reply(status: 405, body: .json(fault.document), headers: [("Allow", allow)]).response
      }
    }
  }
}

extension GatewayAPI.HTTPMethod {
  fileprivate var httpMethod: HTTPRequest.Method {
    switch self {
    case .get: .get
    case .post: .post
    case .put: .put
    case .delete: .delete
    }
  }
}

extension OperationDescriptor {
  fileprivate var hasBody: Bool {
    !fixedBody.isEmpty || fields.contains { $0.location == .body || $0.location == .wholeBody }
  }
}
