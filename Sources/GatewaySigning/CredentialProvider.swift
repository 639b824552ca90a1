/// Where a client gets what its requests prove themselves with.
///
/// A provider may be asked by many requests at once; one renewal serves all that wait for it.
public protocol CredentialProvider: Sendable {
  /// What a request that is sent now uses, renewed beforehand when its end is near.
  ///
  /// - Throws: `GatewayError` of kind `unauthenticated` or of the kind that a renewal failed with; `CancellationError`.
  func authentication() async throws -> GatewayAuthentication

  /// What to use instead after the gateway refused what was sent.
  ///
  /// - Returns: nil when there is nothing newer to be had.
  /// - Throws: as ``authentication()``.
  func authentication(replacing refused: GatewayAuthentication) async throws -> GatewayAuthentication?
}

/// What is given once and never changes.
extension GatewayAuthentication: CredentialProvider {
  public func authentication() async throws -> GatewayAuthentication { self }
  public func authentication(replacing refused: GatewayAuthentication) async throws -> GatewayAuthentication? { nil }
}
