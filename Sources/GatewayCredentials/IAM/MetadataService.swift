internal import GatewayAPI
internal import GatewaySigning
internal import GatewayTransport

/// The service that every cloud server reaches at one address, and that hands out the keys of the server's agency.
public struct MetadataService: Sendable {
  /// Where it is on every cloud server.
  public static let address = "http://169.254.169.254"
  private static let tokenHeader = "X-Metadata-Token"

  private let endpoint: String

  /// - Parameter endpoint: another address, for tests; it is given the time that any server is given.
  public init(endpoint: String = MetadataService.address) { self.endpoint = endpoint }

  /// Fetches the key of the server's agency.
  ///
  /// Where there is no such service, this takes a second.
  /// - Throws: `GatewayError`: of kind `unavailable` or `timeout` when nothing answers, else `unauthenticated`;
  ///   `CancellationError`.
  public func obtain() async throws -> IssuedCredential {
    // Straight to the one address: no proxy, no other certificates.
    var configuration = HTTPTransportConfiguration()
    if endpoint == Self.address {
      configuration.connectTimeout = .seconds(1)
      configuration.requestTimeout = .seconds(3)
    }
    let transport = try HTTPTransport(configuration)
    let result: Result<IssuedCredential, any Error>
    do { result = .success(try await obtain(transport)) } catch { result = .failure(error) }
    await transport.shutdown()
    do {
      return try result.get()
    } catch let failure as TransportFailure {
      throw GatewayError(
        kind: failure.gatewayError(url: endpoint, isWrite: false).kind,
        message: "no metadata service answers at \(endpoint)",
        hint: "only cloud servers have one; APIG_NO_METADATA=1 keeps it from being asked")
    }
  }

  private func obtain(_ transport: HTTPTransport) async throws -> IssuedCredential {
    let path = "/openstack/latest/securitykey"
    var response = try await send("GET", path, [], transport)
    if response.status == 401 {
      // This server wants a session token first.
      let token = try await send(
        "PUT", "/meta-data/latest/api/token", [("X-Metadata-Token-Ttl-Seconds", "21600")], transport)
      if token.status == 200 {
        response = try await send(
          "GET", path, [(Self.tokenHeader, String(decoding: token.body, as: UTF8.self))], transport)
      }
    }
    guard response.status == 200 else {
      throw GatewayError(
        kind: .unauthenticated, message: "the metadata service at \(endpoint) gave no key: HTTP \(response.status)",
        hint: "give the server an agency in the console", status: response.status)
    }
    guard let issued = IssuedCredential(temporaryKey: response.body) else {
      throw GatewayError(
        kind: .unauthenticated, message: "what \(endpoint) answered is no key of a metadata service",
        hint: "give the server an agency in the console", status: response.status)
    }
    return issued
  }

  private func send(
    _ method: String, _ path: String, _ headers: [(name: String, value: String)], _ transport: HTTPTransport
  ) async throws -> GatewayResponse {
    let endpoint = try Endpoint(endpoint)
    return try await transport.send(
      SignableRequest(method: method, path: path, headers: [("Host", endpoint.hostHeader)] + headers), to: endpoint)
  }
}
