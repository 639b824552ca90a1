internal import AsyncHTTPClient
package import GatewayAPI
package import GatewaySigning
internal import NIOCore
internal import NIOHTTP1

/// Sends requests and receives answers, whole.
///
/// One transport has one pool of connections; call ``shutdown()`` when done.
package struct HTTPTransport: Sendable {
  private let pools: ConnectionPools
  private let configuration: HTTPTransportConfiguration

  /// - Throws: `GatewayError` of kind `usage`.
  package init(_ configuration: HTTPTransportConfiguration) throws(GatewayError) {
    self.configuration = configuration
    pools = try ConnectionPools(configuration)
  }

  /// Sends a request and collects its answer; or takes the answer from a cassette.
  ///
  /// - Parameter operation: what metrics call the request.
  /// - Throws: ``TransportFailure`` for everything that is no answer; `GatewayError` of kind `usage` for a request that
  ///   a cassette does not know; `CancellationError`.
  package func send(
    _ request: SignableRequest, to endpoint: Endpoint, operation: String = "other"
  ) async throws -> GatewayResponse {
    try Task.checkCancellation()
    let log = WireLog(configuration.logger, request, url: endpoint.base + Self.target(request))
    let metrics = TransportMetrics(operation: operation)
    do {
      let response = try await answer(request, endpoint)
      log?.note(response)
      metrics.record(request, .success(response))
      return response
    } catch {
      log?.note(error)
      metrics.record(request, .failure(error))
      throw error
    }
  }

  package func shutdown() async { await pools.shutdown() }

  private func answer(_ request: SignableRequest, _ endpoint: Endpoint) async throws -> GatewayResponse {
    guard let cassette = configuration.cassette else { return try await exchange(request, endpoint) }
    switch cassette.mode {
    case .replaying(let player): return try player.answer(request, gateway: cassette.gateway)
    case .recording(let recorder):
      do {
        let response = try await exchange(request, endpoint)
        recorder.record(request, .answer(response), gateway: cassette.gateway)
        return response
      } catch let failure as TransportFailure {
        recorder.record(request, .failure(failure), gateway: cassette.gateway)
        throw failure
      }
    }
  }

  private func exchange(_ request: SignableRequest, _ endpoint: Endpoint) async throws -> GatewayResponse {
    let (client, proxy) = pools.pool(for: endpoint)
    let collector = AnswerCollector(maximumBodyBytes: configuration.maximumBodyBytes)
    do {
      let task = client.execute(
        request: try Self.outgoing(request, url: endpoint.base + Self.target(request)), delegate: collector,
        deadline: .now() + TimeAmount(configuration.requestTimeout))
      return try await withTaskCancellationHandler {
        try await task.get()
      } onCancel: {
        task.cancel()
      }
    } catch {
      if Task.isCancelled { throw CancellationError() }
      let failure = TransportFailure(
        error, configuration: configuration, proxy: proxy, isSent: collector.isSent, hasBegun: collector.hasBegun)
      guard case .certificate(let reason) = failure, proxy == nil else { throw failure }
      let inspection = CertificateInspection(of: endpoint, within: configuration.connectTimeout)
      throw TransportFailure.certificate(await inspection.finding() ?? reason)
    }
  }

  private static func outgoing(_ request: SignableRequest, url: String) throws -> HTTPClient.Request {
    var outgoing = try HTTPClient.Request(url: url, method: HTTPMethod(rawValue: request.method))
    for header in request.headers { outgoing.headers.add(name: header.name, value: header.value) }
    if !request.body.isEmpty { outgoing.body = .bytes(request.body) }
    return outgoing
  }

  /// Path and query.
  private static func target(_ request: SignableRequest) -> String {
    guard !request.query.isEmpty else { return request.path }
    let pairs = request.query.map { "\($0.name.percentEncoded)=\($0.value.percentEncoded)" }
    return "\(request.path)?\(pairs.joined(separator: "&"))"
  }
}
