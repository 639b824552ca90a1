internal import GatewayCredentials
internal import Yams

extension ConfigurationReader {
  private static let credentialKeys = [
    "access_key", "secret_key", "security_token", "token", "user", "user_id", "password", "password_env", "domain",
    "domain_id", "credential_process", "agency", "agency_domain", "agency_domain_id", "region", "project_id",
    "iam_endpoint",
  ]

  /// One entry of `profiles:`.
  func credentialProfile(_ name: String, _ node: Node) throws -> CredentialProfile {
    var profile = CredentialProfile(name: name, place: place(of: node), path: path)
    for (key, value) in try members(of: node, "profile '\(name)'", keys: Self.credentialKeys) {
      switch key {
      case "access_key": profile.accessKey = try text(value, key)
      case "secret_key": profile.secretKey = Secret(try text(value, key))
      case "security_token": profile.securityToken = Secret(try text(value, key))
      case "token": profile.token = Secret(try text(value, key))
      case "user": profile.user = try text(value, key)
      case "user_id": profile.userID = try text(value, key)
      case "password": profile.password = Secret(try text(value, key))
      case "password_env": profile.passwordVariable = try text(value, key)
      case "domain": profile.domain = try text(value, key)
      case "domain_id": profile.domainID = try text(value, key)
      case "credential_process": profile.process = try words(value, key)
      case "agency": profile.agency = try text(value, key)
      case "agency_domain": profile.agencyDomain = try text(value, key)
      case "agency_domain_id": profile.agencyDomainID = try text(value, key)
      case "region": profile.region = try text(value, key)
      case "project_id": profile.projectID = try text(value, key)
      case "iam_endpoint": profile.identityEndpoint = try url(value, key)
      default: break
      }
    }
    return profile
  }

  /// A command: a list of words, or one text that is split as a shell splits it.
  private func words(_ node: Node, _ key: String) throws -> [String] {
    guard let list = node.sequence else {
      do {
        return try CredentialProcess.words(of: try text(node, key), place: place(of: node))
      } catch let error as CredentialError {
        throw wrong(node, error.message, hint: error.hint)
      }
    }
    guard !list.isEmpty else { throw wrong(node, "'\(key)' is an empty list", hint: "name the program") }
    return try list.map { word in
      guard let scalar = word.scalar else { throw wrong(word, "a word of '\(key)' must be text") }
      return scalar.string
    }
  }
}
