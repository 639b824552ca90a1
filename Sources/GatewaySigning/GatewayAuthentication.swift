/// What one request proves its sender with.
public enum GatewayAuthentication: Sendable, Hashable {
  /// A ready token, sent as `X-Auth-Token`.
  case token(String)
  /// An access key that signs every request.
  case accessKey(Credential)
  /// Nothing at all: for a gateway that checks nothing.
  case none
}

extension GatewayAuthentication: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  /// Names the kind and never the secret, however it is printed.
  public var description: String {
    switch self {
    case .token: "token"
    case .accessKey(let credential): credential.description
    case .none: "no credential"
    }
  }
  public var debugDescription: String { description }
  public var customMirror: Mirror { Mirror(self, children: ["kind": description]) }
}
