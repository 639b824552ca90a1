/// Credentials in environment variables: our own, the SDKs', the Terraform provider's.
package enum EnvironmentCredentials {
  struct KeyVariables: Sendable {
    let access: String
    let secret: String
    let securityToken: String

    var title: String { "\(access), \(secret)" }
  }

  static let token = "APIG_TOKEN"
  static let sdk = KeyVariables(
    access: "HUAWEICLOUD_SDK_AK", secret: "HUAWEICLOUD_SDK_SK", securityToken: "HUAWEICLOUD_SDK_SECURITY_TOKEN")
  static let provider = KeyVariables(
    access: "HW_ACCESS_KEY", secret: "HW_SECRET_KEY", securityToken: "HW_SECURITY_TOKEN")
  static let projectID = "HUAWEICLOUD_SDK_PROJECT_ID"
  static let region = "HW_REGION_NAME"

  /// The variables that hold keys and tokens.
  package static let variables: Set<String> = Set(
    [token] + [sdk, provider].flatMap { [$0.access, $0.secret, $0.securityToken] })

  /// - Returns: nil when none of the variables is set.
  /// - Throws: ``CredentialError`` when only some are.
  static func key(
    _ names: KeyVariables, _ variable: (String) -> String?
  ) throws(CredentialError) -> FoundCredential? {
    switch (variable(names.access), variable(names.secret), variable(names.securityToken)) {
    case (nil, nil, nil): return nil
    case (let access?, let secret?, let token):
      try checkCharacters(access, of: names.access)
      try checkCharacters(secret, of: names.secret)
      if let token { try checkCharacters(token, of: names.securityToken) }
      return FoundCredential(
        form: .accessKey(access, secretKey: Secret(secret), securityToken: token.map(Secret.init)))
    case (_?, nil, _):
      throw CredentialError(message: "\(names.access) is set, \(names.secret) is not", hint: "set both")
    case (nil, _?, _):
      throw CredentialError(message: "\(names.secret) is set, \(names.access) is not", hint: "set both")
    case (nil, nil, _?):
      throw CredentialError(
        message: "\(names.securityToken) is set, \(names.access) and \(names.secret) are not", hint: "set all three")
    }
  }
}
