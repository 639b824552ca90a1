/// Who a request comes from.
enum Caller: Sendable, CustomStringConvertible {
  case accessKey(String)
  case token
  /// Authentication is off.
  case anyone

  /// For the request log: the key's name, no secret.
  var description: String {
    switch self {
    case .accessKey(let name): "access key \(name)"
    case .token: "token"
    case .anyone: "anyone"
    }
  }
}
