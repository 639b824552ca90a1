/// How a request is sent.
public enum HTTPMethod: String, Sendable, Hashable {
  case get = "GET"
  case post = "POST"
  case put = "PUT"
  case delete = "DELETE"
}

/// One request to the management API, before it is signed and sent.
public struct GatewayRequest: Sendable, Hashable {
  /// Name of the operation it belongs to, for errors and logs.
  public var operation: String
  public var method: HTTPMethod
  /// Absolute path, percent-encoded, without a query.
  public var path: String
  /// Names and values, not encoded, in the order they are sent.
  public var query: [QueryItem]
  public var body: Body
  /// Whether it changes something.
  public var isWrite: Bool
  /// Whether sending it twice does no more than sending it once.
  public var isRepeatable: Bool

  public struct QueryItem: Sendable, Hashable {
    public var name: String
    public var value: String

    public init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }
  }

  public enum Body: Sendable, Hashable {
    case none
    case json(Document)
    case bytes([UInt8], contentType: String)
  }

  public init(
    operation: String, method: HTTPMethod, path: String, query: [QueryItem] = [], body: Body = .none,
    isWrite: Bool = false, isRepeatable: Bool = true
  ) {
    self.operation = operation
    self.method = method
    self.path = path
    self.query = query
    self.body = body
    self.isWrite = isWrite
    self.isRepeatable = isRepeatable
  }
}

/// The gateway's answer, whole.
public struct GatewayResponse: Sendable, Hashable {
  /// HTTP status code.
  public var status: Int
  /// By name in lower case; of several with one name the first.
  public var headers: [String: String]
  public var body: [UInt8]
  /// How often the request was sent for it.
  public var attempts = 1

  public init(status: Int, headers: [String: String] = [:], body: [UInt8]) {
    self.status = status
    self.headers = headers
    self.body = body
  }

  public var contentType: String? { headers["content-type"] }
  /// Value of `X-Request-Id`, which support asks for.
  public var requestID: String? { headers["x-request-id"] }
  /// Where a redirect points; it is not followed.
  public var location: String? { headers["location"] }
}
