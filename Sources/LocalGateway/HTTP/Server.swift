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
  private let authentication: CallAuthentication
  private let handlers = Handlers.all

  /// Largest request, in bytes.
  static let maximumBodyBytes = 8 << 20

  init(configuration: LocalGatewayConfiguration, store: Store) {
    self.configuration = configuration
    self.store = store
    authentication = CallAuthentication(configuration: configuration, store: store)
  }

  func router() -> Router<BasicRequestContext> {
    let router = Router()
    router.add(middleware: UnknownPath())
    for product in GatewayProduct.allCases {
      for (template, descriptors) in routes(of: product) {
        let path = RouterPath(template)
        for (method, candidates) in Dictionary(grouping: descriptors, by: \.method) {
          router.on(path, method: method.httpMethod) { request, context in
            await self.answer(request, context) { try await self.carryOut(candidates, product, $0) }
          }
        }
        refuseOtherMethods(on: path, allowed: Set(descriptors.map(\.method.httpMethod)), router)
      }
    }
    router.on("/v3/auth/tokens", method: .post) { request, context in
      await self.answer(request, context, isOpen: true) { try await self.makeToken($0) }
    }
    refuseOtherMethods(on: "/v3/auth/tokens", allowed: [.post], router)
    return router
  }

  private func routes(of product: GatewayProduct) -> [String: [OperationDescriptor]] {
    let served = OperationCatalog.all.map { $0.descriptor }.filter { handlers.bodies[$0.name] != nil }
    return Dictionary(grouping: served) { $0.path.template(for: product) }
  }

  // MARK: - Operations

  private func carryOut(
    _ candidates: [OperationDescriptor], _ product: GatewayProduct, _ request: IncomingRequest
  ) async throws -> Reply {
    let instance = request.path["instance_id"] ?? localInstanceID
    if configuration.hasStrictIDs, instance != localInstanceID { throw Fault.instance(instance) }
    let descriptor = try choose(candidates, request)
    let reader = CallReader(
      descriptor: descriptor, product: product, path: request.path, query: request.signable.query,
      body: try request.json(isNeeded: descriptor.hasBody), form: try request.form(isNeeded: descriptor.takesForm))
    let call = Call(
      product: product, projectID: request.path["project_id"] ?? "", instanceID: instance, values: try reader.values())
    guard let body = handlers.bodies[descriptor.name] else { throw Fault.wrong("action") }
    let now = configuration.now()
    let configuration = configuration
    if descriptor.effect == .write {
      return try await store.write { try body(call, Transaction(db: $0, configuration: configuration, now: now)) }
    }
    return try await store.read { try body(call, Transaction(db: $0, configuration: configuration, now: now)) }
  }

  /// Operations may share method and path; then a member of the body tells which is meant.
  private func choose(_ candidates: [OperationDescriptor], _ request: IncomingRequest) throws -> OperationDescriptor {
    if candidates.count == 1, candidates[0].fixedBody.isEmpty { return candidates[0] }
    let body = try request.json(isNeeded: true)
    for candidate in candidates where candidate.fixedBody.allSatisfy({ body?[$0.key] == $0.value }) { return candidate }
    let name = candidates.first?.fixedBody.keys.first ?? "action"
    guard let given = body?[name], given != .null, given != "" else { throw Fault.missing(name) }
    throw Fault.wrong(name)
  }

  /// IAM's password method, for the demo's user.
  private func makeToken(_ request: IncomingRequest) async throws -> Reply {
    let body = try request.json(isNeeded: true)
    let user = body?["auth"]?["identity"]?["password"]?["user"]
    guard user?["name"] == "local", user?["password"] == "local" else {
      throw Fault(401, .incorrectToken, "The username or password is wrong.")
    }
    let (value, expires) = try await authentication.makeToken()
    let token: Document = [
      "token": [
        "expires_at": .string(expires.text), "issued_at": .string(configuration.now().text), "methods": ["password"],
        "user": ["name": "local", "id": "local"],
      ]
    ]
    return Reply(status: 201, body: .json(token), headers: [("X-Subject-Token", value)])
  }

  // MARK: - Requests and answers

  private func answer(
    _ request: Request, _ context: BasicRequestContext, isOpen: Bool = false,
    _ body: (IncomingRequest) async throws -> Reply
  ) async -> Response {
    do {
      let incoming = try await IncomingRequest(request, context, maximumBodyBytes: Self.maximumBodyBytes)
      if !isOpen { try await authentication.check(incoming.signable) }
      return try await body(incoming).response
    } catch let fault as Fault {
      return Reply.json(fault.document, status: fault.status).response
    } catch {
      context.logger.error("request failed", metadata: ["error": "\(error)"])
      return Reply.json(Fault(500, .systemError, "System error").document, status: 500).response
    }
  }

  private static let allMethods: [HTTPRequest.Method] = [.get, .post, .put, .delete, .patch, .head, .options]

  private func refuseOtherMethods(
    on path: RouterPath, allowed: Set<HTTPRequest.Method>, _ router: Router<BasicRequestContext>
  ) {
    let allow = allowed.map(\.rawValue).sorted().joined(separator: ", ")
    for method in Self.allMethods where !allowed.contains(method) {
      router.on(path, method: method) { _, _ in
        let fault = Fault(405, GatewayErrorCode(rawValue: "APIG.0106"), "The method is not allowed; allowed: \(allow)")
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
