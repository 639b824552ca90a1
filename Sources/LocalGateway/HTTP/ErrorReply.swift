internal import GatewayAPI

/// An error that knows how it is answered.
protocol ErrorReply: Error {
  var reply: Reply { get }
  /// The gateway's own code, for the request log.
  var loggedCode: String? { get }
}

extension Fault: ErrorReply {
  var reply: Reply { .json(document, status: status) }
  var loggedCode: String? { code.rawValue }
}
