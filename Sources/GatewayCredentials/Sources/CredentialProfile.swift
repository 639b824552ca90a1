/// One entry of `profiles:` in the user's `config.yaml`, as it is written; ``found(variable:)`` tells whether it is
/// complete.
public struct CredentialProfile: Sendable {
  public let name: String
  /// Where it is written: "config.yaml:3:5".
  public let place: String
  /// Path of that file, for a warning about its permissions.
  public let path: String

  public var token: Secret?
  public var accessKey: String?
  public var secretKey: Secret?
  public var securityToken: Secret?
  public var user: String?
  public var userID: String?
  public var password: Secret?
  /// Name of the environment variable that holds the password.
  public var passwordVariable: String?
  public var domain: String?
  public var domainID: String?
  public var process: [String]?
  public var agency: String?
  public var agencyDomain: String?
  public var agencyDomainID: String?
  public var region: String?
  public var projectID: String?
  public var identityEndpoint: String?

  public init(name: String, place: String, path: String) {
    self.name = name
    self.place = place
    self.path = path
  }

  /// Whether a secret itself is written in the file.
  public var holdsSecrets: Bool { token != nil || secretKey != nil || password != nil || securityToken != nil }

  /// The credential that it describes.
  ///
  /// - Parameter variable: looks up an environment variable.
  /// - Throws: ``CredentialError`` naming the half that is missing.
  public func found(variable: (String) -> String?) throws(CredentialError) -> FoundCredential {
    var found = FoundCredential(form: try form(variable: variable))
    found.agency = try assumedAgency()
    found.region = region
    found.projectID = projectID
    found.identityEndpoint = identityEndpoint
    return found
  }

  private func form(variable: (String) -> String?) throws(CredentialError) -> FoundCredential.Form {
    let hasKey = accessKey != nil || secretKey != nil || securityToken != nil
    let hasUser = user != nil || userID != nil || password != nil || passwordVariable != nil
    // With a user, the process writes the password.
    let forms = [token != nil, hasKey, hasUser, process != nil && !hasUser].count { $0 }
    guard forms <= 1 else {
      throw wrong(
        "holds more than one credential", hint: "keep one: token, access_key, user with password, credential_process")
    }
    if let token {
      try checkCharacters(token.text, of: "'token' of profile '\(name)'", place: place)
      return .token(token)
    }
    if hasKey { return try key() }
    if hasUser { return try login(variable: variable) }
    if let process { return .process(process) }
    throw wrong(
      "holds no credential",
      hint: "give it access_key and secret_key, token, user and password, or credential_process")
  }

  private func key() throws(CredentialError) -> FoundCredential.Form {
    guard let accessKey else { throw wrong("has no access_key", hint: "add access_key: to its secret") }
    guard let secretKey else { throw wrong("has access_key and no secret_key", hint: "add secret_key:") }
    try checkCharacters(accessKey, of: "'access_key' of profile '\(name)'", place: place)
    try checkCharacters(secretKey.text, of: "'secret_key' of profile '\(name)'", place: place)
    if let securityToken {
      try checkCharacters(securityToken.text, of: "'security_token' of profile '\(name)'", place: place)
    }
    return .accessKey(accessKey, secretKey: secretKey, securityToken: securityToken)
  }

  private func login(variable: (String) -> String?) throws(CredentialError) -> FoundCredential.Form {
    let user: PasswordLogin.User
    switch (self.user, userID, domain, domainID) {
    case (nil, let id?, _, _): user = .id(id)
    case (let name?, nil, let domain?, nil): user = .name(name, domain: .name(domain))
    case (let name?, nil, nil, let domain?): user = .name(name, domain: .id(domain))
    case (_?, nil, nil, nil): throw wrong("has user and no domain", hint: "add domain: the account's name")
    case (_?, nil, _?, _?): throw wrong("has both domain and domain_id", hint: "keep one")
    case (_?, _?, _, _): throw wrong("has both user and user_id", hint: "keep one")
    case (nil, nil, _, _): throw wrong("has a password and no user", hint: "add user: and domain:")
    }
    switch (password, passwordVariable, process) {
    case (let password?, nil, nil): return .password(user, .text(password))
    case (nil, nil, let process?): return .password(user, .process(process))
    case (nil, let name?, nil):
      guard let password = variable(name) else {
        throw wrong("takes its password from \(name), which is not set", hint: "export \(name)")
      }
      return .password(user, .text(Secret(password)))
    case (nil, nil, nil):
      throw wrong("has user and no password", hint: "add password_env: NAME, credential_process: or password:")
    default: throw wrong("has more than one password", hint: "keep one of password, password_env, credential_process")
    }
  }

  private func assumedAgency() throws(CredentialError) -> Agency? {
    switch (agency, agencyDomain, agencyDomainID) {
    case (nil, nil, nil): return nil
    case (let agency?, let domain?, nil): return Agency(name: agency, domain: .name(domain))
    case (let agency?, nil, let id?): return Agency(name: agency, domain: .id(id))
    case (_?, nil, nil):
      throw wrong("has agency and no agency_domain", hint: "add agency_domain: the account that grants it")
    case (nil, _, _): throw wrong("has agency_domain and no agency", hint: "add agency: its name")
    case (_?, _?, _?): throw wrong("has both agency_domain and agency_domain_id", hint: "keep one")
    }
  }

  private func wrong(_ what: String, hint: String) -> CredentialError {
    CredentialError(place: place, message: "profile '\(name)' \(what)", hint: hint)
  }
}
