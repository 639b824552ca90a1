/// Why a signature is refused.
public enum VerificationError: Error, Sendable, Hashable {
  /// There is no `SDK-HMAC-SHA256` authorization, or it lacks a part.
  case malformed
  /// `host` or `x-sdk-date` is not signed, or a header named as signed is not there.
  case missingSignedHeader(String)
  /// The date is too far from the verifier's clock.
  case skew
  case mismatch
}

/// Verifies signatures, for a gateway.
public struct RequestVerifier: Sendable {
  private let maximumSkew: Duration

  /// - Parameter maximumSkew: how far the request's date may be off.
  public init(maximumSkew: Duration = .seconds(900)) { self.maximumSkew = maximumSkew }

  /// The access key that a request claims; nil when it claims none.
  public static func accessKey(of request: SignableRequest) -> String? {
    Authorization(request)?.accessKey
  }

  /// Checks date, signed headers and signature.
  ///
  /// The client's own list of signed headers counts, but it must hold `host` and `x-sdk-date`.
  public func verify(
    _ request: SignableRequest, credential: Credential, now: SigningDate
  ) throws(VerificationError) {
    guard let authorization = Authorization(request), authorization.accessKey == credential.accessKey else {
      throw .malformed
    }
    for name in ["host", "x-sdk-date"] where !authorization.signedHeaders.contains(name) {
      throw .missingSignedHeader(name)
    }
    for name in authorization.signedHeaders where request.header(name) == nil { throw .missingSignedHeader(name) }
    guard let date = request.header("x-sdk-date").flatMap(SigningDate.init(stamp:)) else { throw .malformed }
    let skew = Duration.seconds(abs(date.secondsSince1970 - now.secondsSince1970))
    guard skew <= maximumSkew else { throw .skew }
    let expected = CanonicalRequest(request, signing: authorization.signedHeaders)
      .signature(at: date.stamp, secretKey: credential.secretKey)
    guard Self.isEqual(expected, authorization.signature) else { throw .mismatch }
  }

  /// Takes as long for a wrong first digit as for a wrong last one.
  private static func isEqual(_ left: String, _ right: String) -> Bool {
    let left = Array(left.utf8)
    let right = Array(right.utf8)
    guard left.count == right.count else { return false }
    return zip(left, right).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
  }
}

/// The parts of an `Authorization` header.
private struct Authorization {
  let accessKey: String
  let signedHeaders: [String]
  let signature: String

  init?(_ request: SignableRequest) {
    guard let value = request.header("authorization"), value.hasPrefix(CanonicalRequest.algorithm + " ") else {
      return nil
    }
    var (accessKey, names, signature): (String?, String?, String?)
    // By bytes: what separates the parts is ASCII.
    for part in value.utf8.dropFirst(CanonicalRequest.algorithm.utf8.count).split(separator: UInt8(ascii: ",")) {
      let text = String(Substring(part)).trimmingBlanks
      guard let sign = text.utf8.firstIndex(of: UInt8(ascii: "=")) else { continue }
      let held = text[text.utf8.index(after: sign)...]
      guard !held.isEmpty else { continue }
      switch text[..<sign] {
      case "Access": accessKey = String(held)
      case "SignedHeaders": names = String(held)
      case "Signature": signature = String(held)
      default: continue
      }
    }
    guard let accessKey, let names, let signature else { return nil }
    self.accessKey = accessKey
    signedHeaders = names.utf8.split(separator: UInt8(ascii: ";")).map { Substring($0).lowercased() }
    self.signature = signature
  }
}
