public import GatewayAPI
public import GatewaySigning
public import GatewayTransport

/// Which gateway a client talks to, and how.
public struct GatewayClientConfiguration: Sendable {
  /// Scheme, host and port: `https://apig.cn-north-4.myhuaweicloud.com`.
  public var endpoint: String
  public var address: GatewayAddress
  /// What requests prove their sender with.
  public var credentials: any CredentialProvider
  /// The name that errors give the gateway.
  public var gatewayName: String
  /// Time-outs, certificates, proxies.
  public var transport = HTTPTransportConfiguration()
  /// The most requests in flight at once; others wait in the order they came.
  public var concurrency = 8
  /// How fast requests may follow each other at most; nil to go by what the gateway says.
  public var rate: RequestRate?
  /// When requests are sent again.
  public var retries = RetryPolicy()
  /// Whether identical reads in flight share one request.
  public var joinsReads = true
  /// Whether concurrent publishes or offlines of one environment and remark go out as one batch.
  public var joinsWrites = true
  public var userAgent = "apig-lua"
  /// What pauses between requests go by; the limits of a single request go by the system's time.
  public var time = MonotonicTime()

  public init(
    endpoint: String, address: GatewayAddress, credentials: any CredentialProvider, gatewayName: String
  ) {
    self.endpoint = endpoint
    self.address = address
    self.credentials = credentials
    self.gatewayName = gatewayName
  }
}
