internal import GatewayAPI
internal import Hummingbird

/// Answers paths that no route has with an error document, as the documented gateway does.
struct UnknownPath: RouterMiddleware {
  typealias Context = GatewayRequestContext

  @concurrent func handle(
    _ request: Request, context: GatewayRequestContext,
    next: @concurrent (Request, GatewayRequestContext) async throws -> Response
  ) async throws -> Response {
    do {
      return try await next(request, context)
    } catch let error as HTTPError where error.status == .notFound {
      let fault = Fault(404, GatewayErrorCode(rawValue: "APIG.0101"), "The API does not exist: \(request.uri.path)")
      context.exchange.note { $0.code = fault.code.rawValue }
      return fault.reply.response
    }
  }
}
