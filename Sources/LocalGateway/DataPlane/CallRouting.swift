internal import HTTPTypes
internal import Hummingbird

/// Takes the calls of published APIs out of the requests, before the management API's routes see them.
struct CallRouting: RouterMiddleware {
  typealias Context = GatewayRequestContext

  let dataPlane: DataPlane

  @concurrent func handle(
    _ request: Request, context: GatewayRequestContext,
    next: @concurrent (Request, GatewayRequestContext) async throws -> Response
  ) async throws -> Response {
    guard let target = DataPlane.target(host: request.head.authority, path: request.uri.path) else {
      return try await next(request, context)
    }
    let stage = HTTPField.Name("X-Stage").flatMap { request.headers[$0] } ?? "RELEASE"
    return await context.exchange.reply(context.logger) {
      try await dataPlane.answer(target, method: request.method.rawValue, stage: stage, context.exchange)
    }.response
  }
}
