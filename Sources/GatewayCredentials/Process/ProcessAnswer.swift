internal import GatewayAPI
internal import GatewaySigning

/// What a `credential_process` writes: one JSON object in one of three forms.
///
/// ```json
/// {"access_key": "…", "secret_key": "…", "security_token": "…", "expires_at": "2026-11-21T20:00:00Z"}
/// {"token": "…", "expires_at": "2026-11-21T20:00:00Z"}
/// {"password": "…"}
/// ```
///
/// `security_token` and `expires_at` may be left out; a password is for a profile that names a `user`.
enum ProcessAnswer {
  case issued(IssuedCredential)
  case password(Secret)

  /// - Throws: ``CredentialError``, which never quotes what was written.
  init(_ output: [UInt8]) throws(CredentialError) {
    let document: Document
    do { document = try Document(json: output) } catch {
      throw CredentialError(message: output.isEmpty ? "it wrote nothing" : "what it wrote is no JSON: \(error)")
    }
    guard document.objectValue != nil else {
      throw CredentialError(message: "what it wrote is a JSON \(document.typeName), no object")
    }
    func text(_ name: String) throws(CredentialError) -> String? {
      switch document[name] {
      case nil, .null?: return nil
      case .string(let text)? where !text.isEmpty: return text
      default: throw CredentialError(message: "'\(name)' in what it wrote is no text, or empty")
      }
    }
    let end = try text("expires_at")
    let expiresAt = end.flatMap { Timestamp($0) }
    guard end == nil || expiresAt != nil else {
      throw CredentialError(message: "'expires_at' in what it wrote is no time such as 2026-11-21T20:00:00Z")
    }
    let access = try text("access_key"), secret = try text("secret_key"), token = try text("token")
    let securityToken = try text("security_token"), password = try text("password")
    for (name, value) in [
      ("access_key", access), ("secret_key", secret), ("token", token), ("security_token", securityToken),
    ] {
      if let value { try checkCharacters(value, of: "'\(name)' in what it wrote") }
    }
    switch (access, secret, token, password) {
    case (let access?, let secret?, nil, nil):
      let credential = Credential(accessKey: access, secretKey: secret, securityToken: securityToken)
      self = .issued(IssuedCredential(authentication: .accessKey(credential), expiresAt: expiresAt))
    case (nil, nil, let token?, nil):
      self = .issued(IssuedCredential(authentication: .token(token), expiresAt: expiresAt))
    case (nil, nil, nil, let password?): self = .password(Secret(password))
    case (_?, nil, nil, nil): throw CredentialError(message: "what it wrote has 'access_key' and no 'secret_key'")
    case (nil, _?, nil, nil): throw CredentialError(message: "what it wrote has 'secret_key' and no 'access_key'")
    case (nil, nil, nil, nil):
      throw CredentialError(message: "what it wrote has neither 'access_key' and 'secret_key' nor 'token'")
    default: throw CredentialError(message: "what it wrote holds more than one credential")
    }
  }
}
