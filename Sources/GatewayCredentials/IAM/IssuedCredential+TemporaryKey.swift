internal import GatewayAPI
internal import GatewaySigning

extension IssuedCredential {
  /// Reads `{"credential": {"access", "secret", "securitytoken", "expires_at"}}`, as IAM and the metadata service
  /// answer; nil when a part is missing.
  init?(temporaryKey json: [UInt8]) {
    guard let credential = (try? Document(json: json))?["credential"],
      let access = credential["access"]?.stringValue, !access.isEmpty,
      let secret = credential["secret"]?.stringValue, !secret.isEmpty,
      let token = credential["securitytoken"]?.stringValue, !token.isEmpty,
      let end = credential["expires_at"]?.stringValue.flatMap({ Timestamp($0) })
    else { return nil }
    self.init(
      authentication: .accessKey(Credential(accessKey: access, secretKey: secret, securityToken: token)),
      expiresAt: end)
  }
}
