internal import GatewayAPI
internal import Logging

extension Exchange {
  /// Runs what answers a request; whatever it throws becomes an answer, too.
  func reply(_ logger: Logger, _ body: () async throws -> Reply) async -> Reply {
    do {
      return try await body()
    } catch let error as any ErrorReply {
      note { $0.code = error.loggedCode }
      return error.reply
    } catch {
      logger.error("request failed", metadata: ["error": "\(error)"])
      note { $0.code = GatewayErrorCode.systemError.rawValue }
      return Fault(500, .systemError, "System error").reply
    }
  }
}
