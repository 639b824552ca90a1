public import GatewayAPI
internal import GatewaySigning
public import Logging

/// Carries out operations on a gateway over HTTP.
///
/// One client has one pool of connections; share it. Call ``shutdown()`` when done.
public final class GatewayClient: Gateway {
  public let product: GatewayProduct

  private let configuration: GatewayClientConfiguration
  private let authorization: RequestAuthorization
  private let transport: HTTPTransport
  private let limit: ConcurrencyLimit
  private let logger: Logger?

  /// - Parameters:
  ///   - logger: hears of each request at level `debug`; nil for silence.
  /// - Throws: ``GatewayError`` of kind `usage` when the endpoint is no URL or the trust roots cannot be read.
  public init(configuration: GatewayClientConfiguration, logger: Logger? = nil) throws(GatewayError) {
    self.configuration = configuration
    self.logger = logger
    product = configuration.address.product
    transport = try HTTPTransport(configuration)
    authorization = RequestAuthorization(configuration, host: transport.endpoint.hostHeader)
    limit = ConcurrencyLimit(configuration.concurrency)
  }

  /// Carries out one operation: a place in flight, then signed, sent, and its answer read.
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
    let outgoing = authorization.authorize(request, at: .now())
    let response = try await transport.send(outgoing, isWrite: request.isWrite)
    logger?.debug(
      "request done",
      metadata: [
        "operation": "\(request.operation)", "method": "\(request.method.rawValue)", "path": "\(request.path)",
        "status": "\(response.status)", "request_id": "\(response.requestID ?? "")",
      ])
    return response
  }
}
