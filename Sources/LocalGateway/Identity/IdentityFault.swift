internal import GatewayAPI
internal import NIOHTTP1

/// An error as the identity service answers it: another form than the gateway's.
struct IdentityFault: ErrorReply {
  let status: Int
  let message: String

  var loggedCode: String? { nil }

  var reply: Reply {
    let title = HTTPResponseStatus(statusCode: status).reasonPhrase
    return .json(
      [
        "error": [
          "code": .integer(Int64(status)), "message": .string(message),
          "title": .string(title),
        ]
      ], status: status)
  }

  static func malformed(_ what: String) -> IdentityFault {
    IdentityFault(
      status: 400,
      message:
        "\(what). The server could not comply with the request since it is either malformed or otherwise incorrect."
    )
  }

  static let wrongPassword = IdentityFault(status: 401, message: "The username or password is wrong.")
  static let notAuthenticated = IdentityFault(
    status: 401, message: "The request you have made requires authentication.")
}
