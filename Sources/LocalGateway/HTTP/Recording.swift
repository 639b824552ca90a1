internal import GatewayAPI
internal import HTTPTypes
internal import Hummingbird
internal import NIOCore

/// Gives each answer its request ID, and none to HEAD a body; gives each request its line in the log; ends connections
/// that a fault drops.
struct Recording: RouterMiddleware {
  typealias Context = GatewayRequestContext

  private static let requestID = HTTPField.Name("X-Request-Id")

  let log: RequestLog
  let clock: GatewayClock

  @concurrent func handle(
    _ request: Request, context: GatewayRequestContext,
    next: @concurrent (Request, GatewayRequestContext) async throws -> Response
  ) async throws -> Response {
    let exchange = context.exchange
    let time = clock.now()
    var response = try await next(request, context)
    if let name = Self.requestID { response.headers[name] = exchange.id }
    // Whoever answers, what a HEAD asks for has no body.
    if request.method == .head { response = response.createHeadResponse() }
    let facts = exchange.facts
    // Looking at the log must not fill it.
    if !request.uri.path.hasPrefix(AdminRoutes.prefix) {
      log.append(
        RequestLog.Entry(
          id: exchange.id, time: time, method: request.method.rawValue, path: request.uri.path,
          query: request.uri.query, status: facts.isDropped ? nil : response.status.code,
          duration: .now - exchange.start, facts: facts))
    }
    // With the connection closed, what is returned here goes nowhere.
    if facts.isDropped { try? await context.channel.close() }
    return response
  }
}
