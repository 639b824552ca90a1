internal import GRDB
internal import GatewayAPI
internal import GatewaySigning

/// Decides whether a request comes from someone the gateway knows.
struct CallAuthentication: Sendable {
  let configuration: LocalGatewayConfiguration
  let store: Store

  /// Tokens live as long as the documented ones.
  static let tokenLifetime: Int64 = 24 * 3600

  /// - Throws: ``Fault`` with status 401.
  func check(_ request: SignableRequest) async throws {
    guard configuration.authentication == .required else { return }
    if let token = request.header("x-auth-token") {
      guard try await isKnown(token) else { throw Fault.wrongToken }
      return
    }
    guard request.header("authorization") != nil else { throw Fault.noToken }
    let credential = LocalGatewayConfiguration.demoCredential
    guard let accessKey = RequestVerifier.accessKey(of: request), accessKey == credential.accessKey else {
      throw Fault.wrongToken
    }
    do {
      let now = SigningDate(secondsSince1970: configuration.now().seconds)
      try RequestVerifier().verify(request, credential: credential, now: now)
    } catch {
      throw Fault(401, .incorrectToken, "Incorrect token or token resolution failed: \(reason(error))")
    }
  }

  /// Makes a token that ``check(_:)`` accepts for a day.
  func makeToken() async throws -> (value: String, expires: Timestamp) {
    let value = Identifier.random() + Identifier.random()
    let now = configuration.now().seconds
    let expires = now + Self.tokenLifetime
    try await store.write { db in
      try db.execute(sql: "DELETE FROM token WHERE expires <= ?", arguments: [now])
      try db.execute(sql: "INSERT INTO token (value, expires) VALUES (?, ?)", arguments: [value, expires])
    }
    return (value, Timestamp(seconds: expires))
  }

  private func isKnown(_ token: String) async throws -> Bool {
    if token == LocalGatewayConfiguration.demoToken { return true }
    let now = configuration.now().seconds
    return try await store.read { db in
      try Bool.fetchOne(
        db, sql: "SELECT 1 FROM token WHERE value = ? AND expires > ?", arguments: [token, now]) ?? false
    }
  }

  private func reason(_ error: VerificationError) -> String {
    switch error {
    case .malformed: "the Authorization header cannot be read"
    case .missingSignedHeader(let name): "the header \(name) must be signed"
    case .skew: "X-Sdk-Date is more than 15 minutes off"
    case .mismatch: "the signature does not match"
    }
  }
}
