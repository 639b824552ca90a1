/// A request to any server, as a script asks for it: no credential of a gateway goes along.
public struct WebRequest: Sendable, Hashable {
  public var method: HTTPMethod
  /// http or https, with host, path and query.
  public var url: String
  public var headers: [Header]
  public var body: [UInt8]
  /// Longest time until the answer is whole.
  public var timeout: Duration

  public struct Header: Sendable, Hashable {
    public var name: String
    public var value: String

    public init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }
  }

  public init(
    _ method: HTTPMethod = .get, url: String, headers: [Header] = [], body: [UInt8] = [],
    timeout: Duration = .seconds(30)
  ) {
    self.method = method
    self.url = url
    self.headers = headers
    self.body = body
    self.timeout = timeout
  }

  /// Whether it may change something there.
  public var isWrite: Bool { method != .get }
}

/// Its answer, whole.
public struct WebAnswer: Sendable, Hashable {
  /// HTTP status code.
  public var status: Int
  /// By name in lower case; of several with one name the first.
  public var headers: [String: String]
  public var body: [UInt8]

  public init(status: Int, headers: [String: String], body: [UInt8]) {
    self.status = status
    self.headers = headers
    self.body = body
  }
}
