import GatewayAPI
import GatewaySigning
import GatewayTransport

/// One transport for as long as the body runs.
func withTransport<Value>(
  _ change: (inout HTTPTransportConfiguration) -> Void = { _ in }, _ body: (HTTPTransport) async throws -> Value
) async throws -> Value {
  var configuration = HTTPTransportConfiguration()
  // Long enough for servers of tests on a busy machine; a test of time sets its own.
  configuration.connectTimeout = .seconds(60)
  configuration.requestTimeout = .seconds(60)
  configuration.silenceTimeout = .seconds(60)
  change(&configuration)
  let transport = try HTTPTransport(configuration)
  let result: Result<Value, any Error>
  do { result = .success(try await body(transport)) } catch { result = .failure(error) }
  await transport.shutdown()
  return try result.get()
}

extension HTTPTransport {
  /// Sends a read, with a token.
  func get(_ url: String, path: String = "/v2/p/envs") async throws -> GatewayResponse {
    try await send(.get(path), to: Endpoint(url))
  }

  /// Why a read gets no answer; nil when it gets one.
  func failure(_ url: String) async throws -> TransportFailure? {
    do {
      _ = try await get(url)
      return nil
    } catch let failure as TransportFailure {
      return failure
    }
  }
}

extension SignableRequest {
  static func get(_ path: String) -> SignableRequest {
    SignableRequest(
      method: "GET", path: path, headers: [("Content-Type", "application/json"), ("X-Auth-Token", "secret-token")])
  }
}

extension TransportFailure {
  /// What a person reads.
  var text: String { gatewayError(url: "URL", isWrite: false).description }
}
