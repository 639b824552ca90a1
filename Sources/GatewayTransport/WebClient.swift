internal import AsyncHTTPClient
internal import Foundation
package import GatewayAPI
internal import NIOCore
internal import NIOHTTP1

/// Requests to any server, over connections made as the gateway's are: proxies, certificate authorities, time-outs.
///
/// It knows no credentials. Redirects of reads are followed on their own origin only: elsewhere nobody has allowed.
package struct WebClient: Sendable {
  private static let maximumRedirects = 5

  private let pools: ConnectionPools
  private let configuration: HTTPTransportConfiguration

  /// - Parameter maximumBodyBytes: of an answer.
  /// - Throws: `GatewayError` of kind `usage`.
  package init(
    _ configuration: HTTPTransportConfiguration, maximumBodyBytes: Int = 4 << 20
  ) throws(GatewayError) {
    var configuration = configuration
    configuration.maximumBodyBytes = min(configuration.maximumBodyBytes, maximumBodyBytes)
    self.configuration = configuration
    pools = try ConnectionPools(configuration)
  }

  /// Sends a request and collects its answer, whatever its status.
  ///
  /// - Throws: `GatewayError`: of kind `usage` for a URL that is none, `unknownOutcome` when a write may have arrived,
  ///   `unavailable` or `timeout` otherwise; `CancellationError`.
  package func send(_ request: WebRequest) async throws -> WebAnswer {
    var request = request
    for _ in 0..<Self.maximumRedirects {
      let answer = try await exchange(request)
      guard !request.isWrite, let target = Self.redirect(of: answer, to: request) else { return answer }
      request.url = target
    }
    return try await exchange(request)
  }

  package func shutdown() async { await pools.shutdown() }

  /// - Parameter isAgain: whether it was sent before, and no answer began.
  private func exchange(_ request: WebRequest, isAgain: Bool = false) async throws -> WebAnswer {
    try Task.checkCancellation()
    guard let origin = WebOrigin(of: request.url) else {
      throw GatewayError(
        kind: .usage, message: "'\(request.url.shownURL)' is no URL",
        hint: "write https://HOST/PATH, without a user in it")
    }
    var limits = configuration
    limits.requestTimeout = request.timeout
    limits.silenceTimeout = min(limits.silenceTimeout, request.timeout)
    let (client, proxy) = pools.pool(for: try Endpoint(origin.description))
    let collector = AnswerCollector(maximumBodyBytes: limits.maximumBodyBytes)
    do {
      var outgoing = try HTTPClient.Request(
        url: request.url, method: NIOHTTP1.HTTPMethod(rawValue: request.method.rawValue))
      for header in request.headers { outgoing.headers.add(name: header.name, value: header.value) }
      if !request.body.isEmpty { outgoing.body = .bytes(request.body) }
      let task = client.execute(request: outgoing, delegate: collector, deadline: .now() + TimeAmount(request.timeout))
      let answer = try await withTaskCancellationHandler {
        try await task.get()
      } onCancel: {
        task.cancel()
      }
      return WebAnswer(status: answer.status, headers: answer.headers, body: answer.body)
    } catch {
      if Task.isCancelled { throw CancellationError() }
      let failure = TransportFailure(
        error, configuration: limits, proxy: proxy, isSent: collector.isSent, hasBegun: collector.hasBegun)
      // The server may have closed a connection that was kept just when the request was sent on it (RFC 9110, 9.3.1).
      if failure.isClosing, !collector.hasBegun, !request.isWrite, !isAgain {
        return try await exchange(request, isAgain: true)
      }
      throw failure.webError(request)
    }
  }

  private static func redirect(of answer: WebAnswer, to request: WebRequest) -> String? {
    guard [301, 302, 303, 307, 308].contains(answer.status), let location = answer.headers["location"],
      let target = URL(string: location, relativeTo: URL(string: request.url))?.absoluteString,
      WebOrigin(of: target) == WebOrigin(of: request.url)
    else { return nil }
    return target
  }
}
