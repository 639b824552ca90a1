internal import AsyncHTTPClient
package import GatewayAPI
package import GatewaySigning
internal import NIOCore
internal import NIOHTTP1
internal import NIOSSL

/// Sends requests and receives answers, whole. The only file that knows the HTTP library.
///
/// One transport has one pool of connections; call ``shutdown()`` when done.
package struct HTTPTransport: Sendable {
  private let client: HTTPClient
  private let requestTimeout: Duration
  private let maximumBodyBytes: Int

  /// - Throws: ``GatewayError`` of kind `usage`.
  package init(_ configuration: HTTPTransportConfiguration) throws(GatewayError) {
    requestTimeout = configuration.requestTimeout
    maximumBodyBytes = configuration.maximumBodyBytes
    client = HTTPClient(
      eventLoopGroupProvider: .singleton, configuration: try Self.clientConfiguration(configuration))
  }

  /// Sends a request and collects its answer.
  ///
  /// - Throws: ``TransportFailure`` for everything that is no answer; `CancellationError`.
  package func send(_ request: SignableRequest, to endpoint: Endpoint) async throws -> GatewayResponse {
    let url = endpoint.base + request.path
    do {
      return try await withTimeout(requestTimeout) { try await exchange(request, url: url) }
    } catch {
      if Task.isCancelled { throw CancellationError() }
      throw TransportFailure(error, timeout: requestTimeout, maximumBodyBytes: maximumBodyBytes)
    }
  }

  package func shutdown() async {
    // Nothing is left to tell the caller: whatever was in flight has failed by itself.
    try? await client.shutdown()
  }

  private func exchange(_ request: SignableRequest, url: String) async throws -> GatewayResponse {
    var outgoing = HTTPClientRequest(url: url + Self.query(request.query))
    outgoing.method = HTTPMethod(rawValue: request.method)
    for header in request.headers { outgoing.headers.add(name: header.name, value: header.value) }
    if !request.body.isEmpty { outgoing.body = .bytes(request.body) }
    let response = try await client.execute(outgoing, deadline: .now() + TimeAmount(requestTimeout))
    let body = try await response.body.collect(upTo: maximumBodyBytes)
    return GatewayResponse(
      status: Int(response.status.code),
      headers: Dictionary(
        response.headers.map { ($0.name.lowercased(), $0.value) }, uniquingKeysWith: { first, _ in first }),
      body: Array(body.readableBytesView))
  }

  private static func query(_ query: [(name: String, value: String)]) -> String {
    guard !query.isEmpty else { return "" }
    return "?" + query.map { "\($0.name.percentEncoded)=\($0.value.percentEncoded)" }.joined(separator: "&")
  }

  private static func clientConfiguration(
    _ configuration: HTTPTransportConfiguration
  ) throws(GatewayError) -> HTTPClient.Configuration {
    var client = HTTPClient.Configuration()
    // A credential must never follow a redirect to another host.
    client.redirectConfiguration = .disallow
    client.timeout.connect = TimeAmount(configuration.connectTimeout)
    client.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = max(1, configuration.maximumConnections)
    // A broken connection is the caller's to judge: a write must not be sent twice behind its back.
    client.connectionPool.retryConnectionEstablishment = false
    if let file = configuration.trustRootsFile {
      var tls = TLSConfiguration.makeClientConfiguration()
      do {
        tls.trustRoots = .certificates(try NIOSSLCertificate.fromPEMFile(file))
      } catch {
        throw GatewayError(
          kind: .usage, message: "the certificate authorities in \(file) cannot be read: \(error)",
          hint: "SSL_CERT_FILE must name a PEM file")
      }
      client.tlsConfiguration = tls
    }
    return client
  }
}

extension TimeAmount {
  init(_ duration: Duration) {
    let (seconds, attoseconds) = duration.components
    self = .nanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
  }
}
