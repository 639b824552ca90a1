internal import GatewayAPI
internal import GatewaySigning
internal import GatewayTransport
internal import Glibc

/// Turns a request into what is sent: headers, body bytes, and the token or signature.
struct RequestAuthorization: Sendable {
  private let projectID: String
  private let host: String
  private let userAgent: String
  private let traceContext: TraceContext?

  init(_ configuration: GatewayClientConfiguration, host: String) {
    projectID = configuration.address.projectID
    userAgent = configuration.userAgent
    traceContext = configuration.transport.traceContext
    self.host = host
  }

  func authorize(
    _ request: GatewayRequest, with authentication: GatewayAuthentication, at date: SigningDate
  ) -> SignableRequest {
    let (body, contentType) = Self.body(of: request)
    var outgoing = SignableRequest(
      method: request.method.rawValue, path: request.path, query: request.query.map { ($0.name, $0.value) },
      headers: [("Host", host), ("User-Agent", userAgent), ("Content-Type", contentType)], body: body)
    // Before the signature, which covers every header.
    var generator = SystemRandomNumberGenerator()
    outgoing.headers += traceContext?.headers(using: &generator) ?? []
    switch authentication {
    case .none: break
    case .token(let token): outgoing.headers.append(("X-Auth-Token", token))
    case .accessKey(let credential):
      outgoing.headers.append(("X-Project-Id", projectID))
      RequestSigner(credential: credential).sign(&outgoing, at: date)
    }
    return outgoing
  }

  /// The content types are those that the official SDKs send, with a body and without.
  private static func body(of request: GatewayRequest) -> (bytes: [UInt8], contentType: String) {
    switch request.body {
    case .none: ([], "application/json")
    case .json(let document): (document.json, "application/json;charset=UTF-8")
    case .bytes(let bytes, let contentType): (bytes, contentType)
    }
  }
}

extension SigningDate {
  /// This moment.
  static func now() -> SigningDate { SigningDate(secondsSince1970: Int64(time(nil))) }
}
