/// Signs requests with an access key.
public struct RequestSigner: Sendable {
  private let credential: Credential

  public init(credential: Credential) { self.credential = credential }

  /// Adds `X-Sdk-Date`, what temporary keys and unsigned bodies need, and `Authorization`.
  ///
  /// Signed is every header that the request bears, as the official SDKs do, but for names with an underscore.
  ///
  /// - Parameter request: with its `Host` header, and everything else that will be sent.
  public func sign(_ request: inout SignableRequest, at date: SigningDate) {
    set("X-Sdk-Date", date.stamp, in: &request)
    if let token = credential.securityToken { set("X-Security-Token", token, in: &request) }
    if let type = request.header("content-type"), !CanonicalRequest.isSignedBody(contentType: type) {
      set("X-Sdk-Content-Sha256", CanonicalRequest.unsignedPayload, in: &request)
    }
    request.headers.removeAll { $0.name.lowercased() == "authorization" }
    let names = request.headers.map { $0.name.lowercased() }.filter { !$0.contains("_") }
    let canonical = CanonicalRequest(request, signing: names)
    let signature = canonical.signature(at: date.stamp, secretKey: credential.secretKey)
    let parts = [
      "Access=\(credential.accessKey)", "SignedHeaders=\(canonical.signedHeaders)", "Signature=\(signature)",
    ]
    request.headers.append(("Authorization", "\(CanonicalRequest.algorithm) \(parts.joined(separator: ", "))"))
  }

  private func set(_ name: String, _ value: String, in request: inout SignableRequest) {
    request.headers.removeAll { $0.name.lowercased() == name.lowercased() }
    request.headers.append((name, value))
  }
}
