internal import GatewayAPI

/// An error of the admin routes.
struct AdminFault: ErrorReply {
  let status: Int
  let message: String
  /// A line and the place in it that is wrong.
  var excerpt: String?

  var loggedCode: String? { nil }

  var reply: Reply {
    .json(
      excerpt.map { ["error": .string(message), "excerpt": .string($0)] } ?? ["error": .string(message)], status: status
    )
  }
}
