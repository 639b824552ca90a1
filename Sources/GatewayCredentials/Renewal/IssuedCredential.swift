public import GatewayAPI
public import GatewaySigning

/// What somebody issued for a time: a token, or a temporary access key.
public struct IssuedCredential: Sendable, Hashable {
  public var authentication: GatewayAuthentication
  /// When it stops being valid; nil when nobody said.
  public var expiresAt: Timestamp?

  public init(authentication: GatewayAuthentication, expiresAt: Timestamp? = nil) {
    self.authentication = authentication
    self.expiresAt = expiresAt
  }
}
