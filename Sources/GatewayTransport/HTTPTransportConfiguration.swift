/// How connections are made and how long things may take.
public struct HTTPTransportConfiguration: Sendable {
  /// Longest time until a connection stands, TLS included.
  public var connectTimeout: Duration = .seconds(10)
  /// Longest time for one request, from the moment it is sent to the last byte of its answer.
  public var requestTimeout: Duration = .seconds(30)
  /// Largest answer, in bytes.
  public var maximumBodyBytes = 64 << 20
  /// The most connections to one host.
  public var maximumConnections = 8
  /// PEM file of certificate authorities to trust instead of the system's.
  public var trustRootsFile: String?

  public init() {}
}
