/// A request as it is signed and verified: what will be, or was, on the wire.
public struct SignableRequest: Sendable {
  public var method: String
  /// As on the wire: percent-encoded, without the query.
  public var path: String
  /// Names and values, decoded.
  public var query: [(name: String, value: String)]
  public var headers: [(name: String, value: String)]
  public var body: [UInt8]

  public init(
    method: String, path: String, query: [(name: String, value: String)] = [],
    headers: [(name: String, value: String)], body: [UInt8] = []
  ) {
    self.method = method
    self.path = path
    self.query = query
    self.headers = headers
    self.body = body
  }

  /// The value of a header, whatever the case of its name.
  public func header(_ name: String) -> String? {
    headers.first { $0.name.isSameHeaderName(as: name) }?.value
  }
}

extension String {
  /// Whether two names of headers differ in nothing but the case of ASCII letters.
  func isSameHeaderName(as other: String) -> Bool {
    utf8.count == other.utf8.count && zip(utf8, other.utf8).allSatisfy { $0 == $1 || $0.inLowerCase == $1.inLowerCase }
  }
}

extension UInt8 {
  fileprivate var inLowerCase: UInt8 { UInt8(ascii: "A")...UInt8(ascii: "Z") ~= self ? self | 0x20 : self }
}
