internal import GatewayAPI
internal import GatewaySigning

/// Decides whether a request comes from someone the gateway knows.
struct CallAuthentication: Sendable {
  let configuration: LocalGatewayConfiguration
  let clock: GatewayClock
  let credentials: CredentialStore

  /// - Throws: ``Fault`` with status 401.
  func check(_ request: SignableRequest) throws -> Caller {
    guard configuration.authentication == .required else { return .anyone }
    if let token = request.header("x-auth-token") {
      try checkToken(token)
      return .token
    }
    guard request.header("authorization") != nil else { throw Fault.noToken }
    guard let accessKey = RequestVerifier.accessKey(of: request), let credential = try credential(accessKey)
    else { throw Fault.wrongToken }
    try verify(request, credential)
    return .accessKey(accessKey)
  }

  /// When a token ends; nil for one that never does.
  ///
  /// - Throws: ``Fault`` for a token that is not known, or not any more.
  @discardableResult
  func checkToken(_ token: String) throws -> Timestamp? {
    if token == LocalGatewayConfiguration.demoToken { return nil }
    guard let expires = try credentials.expiry(ofToken: token) else { throw Fault.wrongToken }
    guard expires > clock.now() else { throw Fault.expired }
    return expires
  }

  private func credential(_ accessKey: String) throws -> Credential? {
    let demos = [LocalGatewayConfiguration.demoCredential, LocalGatewayConfiguration.demoTemporaryCredential]
    if let demo = demos.first(where: { $0.accessKey == accessKey }) { return demo }
    guard let temporary = try credentials.temporaryKey(accessKey) else { return nil }
    guard temporary.expires > clock.now() else { throw Fault.expired }
    return temporary.credential
  }

  private func verify(_ request: SignableRequest, _ credential: Credential) throws {
    // A temporary key is worth nothing without its token.
    guard request.header("x-security-token") == credential.securityToken || credential.securityToken == nil else {
      throw refusal("X-Security-Token does not belong to this temporary access key")
    }
    do {
      let now = SigningDate(secondsSince1970: clock.base().seconds)
      try RequestVerifier().verify(request, credential: credential, now: now)
    } catch {
      throw refusal(reason(error))
    }
  }

  private func refusal(_ reason: String) -> Fault {
    Fault(401, .incorrectToken, "Incorrect token or token resolution failed: \(reason)")
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
