internal import GatewayAPI
public import GatewaySigning

/// Fetches an agency's credential with one's own: a key for a key, a token for a token.
public struct AgencyCredential: Sendable {
  public let agency: Agency
  private let own: any CredentialProvider
  private let service: IdentityService
  private let scope: TokenScope?

  /// - Parameters:
  ///   - own: what one has the right to assume the agency by.
  ///   - scope: what a token is to be good for; keys need none.
  public init(agency: Agency, own: any CredentialProvider, service: IdentityService, scope: TokenScope?) {
    self.agency = agency
    self.own = own
    self.service = service
    self.scope = scope
  }

  /// - Throws: `GatewayError`; `CancellationError`.
  public func obtain() async throws -> IssuedCredential {
    let proof = try await own.authentication()
    do {
      return try await obtain(proof)
    } catch let error as GatewayError where error.status == 401 {
      guard let renewed = try await own.authentication(replacing: proof) else { throw error }
      return try await obtain(renewed)
    }
  }

  private func obtain(_ proof: GatewayAuthentication) async throws -> IssuedCredential {
    switch proof {
    case .accessKey: try await service.temporaryKey(agency, proof: proof)
    case .token, .none: try await service.token(agency, scope: scope, proof: proof)
    }
  }
}
