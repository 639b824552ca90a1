public import GatewayAPI
public import GatewaySigning

/// How requests prove who sends them.
public enum GatewayAuthentication: Sendable, Hashable {
  /// A ready token, sent as `X-Auth-Token`.
  case token(String)
  /// An access key that signs every request.
  case accessKey(Credential)
  /// Nothing at all: for a gateway that checks nothing.
  case none
}

/// Which gateway a client talks to, and how.
public struct GatewayClientConfiguration: Sendable {
  /// Scheme, host and port: `https://apig.cn-north-4.myhuaweicloud.com`.
  public var endpoint: String
  public var address: GatewayAddress
  public var authentication: GatewayAuthentication
  /// The name that errors give the gateway.
  public var gatewayName: String
  /// Longest time until a connection stands, TLS included.
  public var connectTimeout: Duration = .seconds(10)
  /// Longest time for one request, from the moment it is sent to the last byte of its answer.
  public var requestTimeout: Duration = .seconds(30)
  /// Largest answer, in bytes.
  public var maximumBodyBytes = 64 << 20
  /// The most requests in flight at once; others wait in the order they came.
  public var concurrency = 8
  /// PEM file of certificate authorities to trust instead of the system's.
  public var trustRootsFile: String?
  public var userAgent = "apig-lua"

  public init(
    endpoint: String, address: GatewayAddress, authentication: GatewayAuthentication, gatewayName: String
  ) {
    self.endpoint = endpoint
    self.address = address
    self.authentication = authentication
    self.gatewayName = gatewayName
  }
}
