internal import GatewayClient
internal import GatewaySigning

/// Finds the credential for a gateway in the environment: first the product's own variable, then those of Huawei's
/// SDKs and of the Terraform provider.
enum Credentials {
  /// What the local gateway's demo project takes.
  static let local = GatewayAuthentication.accessKey(Credential(accessKey: "local", secretKey: "local-secret"))

  private static let pairs = [
    (access: "HUAWEICLOUD_SDK_AK", secret: "HUAWEICLOUD_SDK_SK", token: "HUAWEICLOUD_SDK_SECURITY_TOKEN"),
    (access: "HW_ACCESS_KEY", secret: "HW_SECRET_KEY", token: "HW_SECURITY_TOKEN"),
  ]

  /// - Throws: ``CredentialError`` when there is none, or half of one.
  static func find(for gateway: String, in variables: EnvironmentVariables) throws -> GatewayAuthentication {
    if let token = variables["APIG_TOKEN"] {
      // A line break would begin another header.
      guard token.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
        throw CredentialError(
          message: "APIG_TOKEN holds characters that no token has", hint: "a line break or a blank at its end?")
      }
      return .token(token)
    }
    for pair in pairs {
      switch (variables[pair.access], variables[pair.secret]) {
      case (let access?, let secret?):
        return .accessKey(
          Credential(accessKey: access, secretKey: secret, securityToken: variables[pair.token]))
      case (_?, nil): throw CredentialError(message: "\(pair.access) is set, \(pair.secret) is not", hint: "set both")
      case (nil, _?): throw CredentialError(message: "\(pair.secret) is set, \(pair.access) is not", hint: "set both")
      case (nil, nil): continue
      }
    }
    throw CredentialError(
      message: "there is no credential for gateway '\(gateway)'",
      hint: "set HUAWEICLOUD_SDK_AK and HUAWEICLOUD_SDK_SK, or APIG_TOKEN")
  }
}
