public import GatewayAPI
internal import GatewaySigning
internal import GatewayTransport
public import Logging

/// Carries out operations on a gateway over HTTP.
///
/// One client has one pool of connections; share it. Call ``shutdown()`` when done.
public final class GatewayClient: Gateway {
  public let product: GatewayProduct

  private let configuration: GatewayClientConfiguration
  private let authorization: RequestAuthorization
  private let transport: HTTPTransport
  private let endpoint: Endpoint
  private let limit: ConcurrencyLimit
  private let logger: Logger?

  /// - Parameters:
  ///   - logger: hears of each request at level `debug`; nil for silence.
  /// - Throws: ``GatewayError`` of kind `usage` when the endpoint is no URL or the trust roots cannot be read.
  public init(configuration: GatewayClientConfiguration, logger: Logger? = nil) throws(GatewayError) {
    self.configuration = configuration
    self.logger = logger
    product = configuration.address.product
    var transport = configuration.transport
    transport.maximumConnections = configuration.concurrency
    endpoint = try Endpoint(configuration.endpoint)
    self.transport = try HTTPTransport(transport)
    authorization = RequestAuthorization(configuration, host: endpoint.hostHeader)
    limit = ConcurrencyLimit(configuration.concurrency)
  }

  /// Carries out one operation: a place in flight, then signed, sent, and its answer read.
  ///
  /// Cancelling the task ends a read at once and keeps a change from being sent; a change that has been sent is
  /// carried to its end.
  ///
  /// - Throws: ``GatewayError``; `CancellationError`.
  public func perform<Operation: GatewayOperation>(_ operation: Operation) async throws -> Operation.Output {
    do {
      let request = try operation.request(for: configuration.address)
      let response = try await limit.withPlace { try await self.send(request) }
      guard (200..<300).contains(response.status) else {
        throw GatewayError(response: response, operation: Operation.descriptor.name)
      }
      return try Operation.Output(response: response)
    } catch var error as GatewayError {
      error.operation = error.operation ?? Operation.descriptor.name
      error.gateway = error.gateway ?? configuration.gatewayName
      throw error
    }
  }

  /// Closes every connection; requests in flight fail.
  public func shutdown() async { await transport.shutdown() }

  private func send(_ request: GatewayRequest) async throws -> GatewayResponse {
    try Task.checkCancellation()
    let response = request.isWrite ? try await carryThrough(request) : try await exchange(request)
    logger?.debug(
      "request done",
      metadata: [
        "operation": "\(request.operation)", "method": "\(request.method.rawValue)", "path": "\(request.path)",
        "status": "\(response.status)", "request_id": "\(response.requestID ?? "")",
      ])
    return response
  }

  /// A change that is on its way is waited for even when the task is cancelled, no longer than one request may take:
  /// cut off, nobody would know whether it happened.
  private func carryThrough(_ request: GatewayRequest) async throws -> GatewayResponse {
    // Unstructured on purpose: only so does the cancellation of the caller not reach it.
    try await Task { try await exchange(request) }.value
  }

  private func exchange(_ request: GatewayRequest) async throws -> GatewayResponse {
    let authentication = try await configuration.credentials.authentication()
    do {
      return try await transport.send(
        authorization.authorize(request, with: authentication, at: .now()), to: endpoint, operation: request.operation)
    } catch let failure as TransportFailure {
      throw failure.gatewayError(url: endpoint.base + request.path, isWrite: request.isWrite)
    }
  }
}
