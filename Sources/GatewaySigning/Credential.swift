/// An access key and its secret; temporary ones bring a security token along.
public struct Credential: Sendable, Hashable {
  public var accessKey: String
  public var secretKey: String
  public var securityToken: String?

  public init(accessKey: String, secretKey: String, securityToken: String? = nil) {
    self.accessKey = accessKey
    self.secretKey = secretKey
    self.securityToken = securityToken
  }
}

extension Credential: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  /// Names the key and never the secret, however it is printed.
  public var description: String { "access key \(accessKey)" }
  public var debugDescription: String { description }
  public var customMirror: Mirror { Mirror(self, children: ["accessKey": accessKey]) }
}
