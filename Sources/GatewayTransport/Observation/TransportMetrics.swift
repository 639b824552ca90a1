internal import GatewayAPI
internal import GatewaySigning
internal import Metrics

/// What the transport counts for the program's metrics system; without one it costs next to nothing.
///
/// - `apig.client.request.duration`: a timer, with the dimensions `operation` and `status`: the answer's, or the kind of
///   the failure.
/// - `apig.client.sent.bytes` and `apig.client.received.bytes`: counters of the bodies' bytes, with `operation`.
struct TransportMetrics: Sendable {
  private let operation: String
  private let started = ContinuousClock.now

  init(operation: String) { self.operation = operation }

  func record(_ request: SignableRequest, _ result: Result<GatewayResponse, any Error>) {
    let status =
      switch result {
      case .success(let response): String(response.status)
      case .failure(let failure as TransportFailure): failure.name
      case .failure(is CancellationError): "cancelled"
      case .failure: "error"
      }
    let operation = ("operation", operation)
    Timer(label: "apig.client.request.duration", dimensions: [operation, ("status", status)])
      .record(duration: started.duration(to: .now))
    Counter(label: "apig.client.sent.bytes", dimensions: [operation]).increment(by: request.body.count)
    if case .success(let response) = result {
      Counter(label: "apig.client.received.bytes", dimensions: [operation]).increment(by: response.body.count)
    }
  }
}
