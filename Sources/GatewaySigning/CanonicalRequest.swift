internal import Crypto
internal import GatewayAPI

/// The text that both sides make of a request and sign: Huawei's `SDK-HMAC-SHA256`, steps 1 to 6.
public struct CanonicalRequest: Sendable, Hashable {
  static let algorithm = "SDK-HMAC-SHA256"
  /// Stands for the body's hash where the body is not signed.
  static let unsignedPayload = "UNSIGNED-PAYLOAD"

  /// Method, URI, query, headers, signed names, body's hash, a line each.
  public let text: String
  /// Names of the signed headers, in lower case, sorted, joined by `;`.
  public let signedHeaders: String

  /// - Parameters:
  ///   - request: the request.
  ///   - names: the headers to sign, in lower case.
  public init(_ request: SignableRequest, signing names: [String]) {
    let names = names.sorted()
    signedHeaders = names.joined(separator: ";")
    let headers = names.map { name in "\(name):\((request.header(name) ?? "").trimmingBlanks)\n" }.joined()
    text = [
      request.method.uppercased(), Self.path(request.path), Self.query(request.query), headers, signedHeaders,
      Self.bodyHash(of: request, signing: names),
    ].joined(separator: "\n")
  }

  /// What the secret key signs.
  public func stringToSign(at date: String) -> String {
    [Self.algorithm, date, hex(SHA256.hash(data: Array(text.utf8)))].joined(separator: "\n")
  }

  /// The signature, in lower-case hexadecimal digits.
  public func signature(at date: String, secretKey: String) -> String {
    let key = SymmetricKey(data: Array(secretKey.utf8))
    return hex(HMAC<SHA256>.authenticationCode(for: Array(stringToSign(at: date).utf8), using: key))
  }

  /// Each segment decoded, then encoded in the one way; a slash at the end.
  private static func path(_ path: String) -> String {
    if path.utf8.allSatisfy({ $0 == UInt8(ascii: "/") || $0.isUnreserved }) {
      return path.utf8.last == UInt8(ascii: "/") ? path : path + "/"
    }
    let encoded = path.split(separator: "/", omittingEmptySubsequences: false)
      .map { String($0).percentDecoded.percentEncoded }.joined(separator: "/")
    return encoded.hasSuffix("/") ? encoded : encoded + "/"
  }

  private static func query(_ query: [(name: String, value: String)]) -> String {
    // By code points of the decoded texts; Swift's own order of strings is another.
    query.sorted { left, right in
      left.name == right.name
        ? left.value.utf8.lexicographicallyPrecedes(right.value.utf8)
        : left.name.utf8.lexicographicallyPrecedes(right.name.utf8)
    }
    .map { "\($0.name.percentEncoded)=\($0.value.percentEncoded)" }.joined(separator: "&")
  }

  /// The body counts as not signed only where the signed headers say so and it is no JSON: nobody can take a body
  /// out of a signature by adding a header.
  private static func bodyHash(of request: SignableRequest, signing names: [String]) -> String {
    let isUnsigned =
      names.contains("x-sdk-content-sha256") && request.header("x-sdk-content-sha256") == unsignedPayload
      && !isSignedBody(contentType: request.header("content-type") ?? "")
    return isUnsigned ? unsignedPayload : hex(SHA256.hash(data: request.body))
  }

  /// Whether bodies of this content type are part of the signature.
  static func isSignedBody(contentType: String) -> Bool {
    contentType.isEmpty || contentType.hasPrefix("application/json") || contentType.hasPrefix("application/bson")
  }
}

func hex(_ bytes: some Sequence<UInt8>) -> String {
  func digit(_ value: UInt8) -> UInt8 { value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") - 10 + value }
  var digits: [UInt8] = []
  digits.reserveCapacity(2 * SHA256.byteCount)
  for byte in bytes {
    digits.append(digit(byte >> 4))
    digits.append(digit(byte & 15))
  }
  return String(decoding: digits, as: UTF8.self)
}

extension String {
  var trimmingBlanks: String {
    // Most have none, and are ASCII.
    if let first = utf8.first, let last = utf8.last, 0x21..<0x7F ~= first, 0x21..<0x7F ~= last { return self }
    var text = self[...]
    while let first = text.first, first.isWhitespace { text.removeFirst() }
    while let last = text.last, last.isWhitespace { text.removeLast() }
    return String(text)
  }
}
