internal import GatewayAPI

/// KooCLI's `config.json`: read as the Terraform provider reads it, never written.
struct KooCLIFile: Sendable {
  /// Why a profile of it cannot be used, though nothing in it is wrong.
  struct Unusable: Error { let reason: String }

  struct Profile: Sendable {
    let name: String
    let mode: String
    let region: String?
    fileprivate let document: Document
  }

  let path: String
  let isReadableByOthers: Bool
  /// The profile that KooCLI itself uses.
  let current: String?
  let profiles: [Profile]

  /// - Returns: nil when there is no such file.
  /// - Throws: ``CredentialError``.
  static func read(_ path: String) throws(CredentialError) -> KooCLIFile? {
    guard let file = try CredentialFile.read(path) else { return nil }
    let document: Document
    do { document = try Document(json: file.text) } catch {
      throw CredentialError(
        place: path, message: "this is no JSON: \(error)", hint: "hcloud configure list tells whether KooCLI reads it")
    }
    guard let entries = document["profiles"]?.arrayValue else {
      throw CredentialError(
        place: path, message: "there are no 'profiles' in it", hint: "is this KooCLI's config.json?")
    }
    return KooCLIFile(
      path: path, isReadableByOthers: file.isReadableByOthers, current: Self.text(document, "current"),
      profiles: entries.compactMap { entry in
        guard let name = Self.text(entry, "name") else { return nil }
        return Profile(
          name: name, mode: Self.text(entry, "mode") ?? "AKSK", region: Self.text(entry, "region"), document: entry)
      })
  }

  /// The credential of a profile.
  ///
  /// - Throws: ``Unusable`` when it holds none that can be read, ``CredentialError`` when it holds half of one.
  func found(_ profile: Profile) throws -> FoundCredential {
    let entry = profile.document
    // Single sign-on leaves its temporary key in a place of its own.
    let keys = profile.mode.uppercased() == "SSO" ? entry["ssoAuth"]?["stsToken"] ?? .null : entry
    guard let access = Self.text(keys, "accessKeyId"), let secret = Self.text(keys, "secretAccessKey") else {
      let half = Self.text(keys, "accessKeyId") ?? Self.text(keys, "secretAccessKey")
      guard half == nil else {
        throw CredentialError(
          place: path, message: "profile '\(profile.name)' has only one of accessKeyId and secretAccessKey",
          hint: "hcloud configure set sets both")
      }
      throw Unusable(reason: "profile '\(profile.name)' (mode \(profile.mode)) holds no access key")
    }
    guard Self.looksLikeAccessKey(access) else {
      throw Unusable(
        reason: """
          profile '\(profile.name)' is encrypted, and only KooCLI can read it; `hcloud configure set \
          --cli-auth-encrypt=false` stores it readable, or put the key into ~/.huaweicloud/credentials
          """)
    }
    let place = "\(path), profile '\(profile.name)'"
    try checkCharacters(secret, of: "'secretAccessKey'", place: place)
    let token = Self.text(keys, "securityToken")
    if let token { try checkCharacters(token, of: "'securityToken'", place: place) }
    var found = FoundCredential(
      form: .accessKey(access, secretKey: Secret(secret), securityToken: token.map(Secret.init)))
    found.agency = try agency(entry, place)
    found.region = profile.region
    found.projectID = Self.text(entry, "projectId")
    return found
  }

  private func agency(_ entry: Document, _ place: String) throws(CredentialError) -> Agency? {
    guard let name = Self.text(entry, "agencyName") else { return nil }
    if let id = Self.text(entry, "agencyDomainId") { return Agency(name: name, domain: .id(id)) }
    if let domain = Self.text(entry, "agencyDomainName") { return Agency(name: name, domain: .name(domain)) }
    throw CredentialError(
      place: place, message: "agencyName is set, neither agencyDomainName nor agencyDomainId is",
      hint: "name the account that grants the agency")
  }

  /// Encrypted values are long and hold characters that no access key has.
  private static func looksLikeAccessKey(_ text: String) -> Bool {
    text.utf8.count <= 40 && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") }
  }

  private static func text(_ document: Document, _ name: String) -> String? {
    guard let text = document[name]?.stringValue, !text.isEmpty else { return nil }
    return text
  }
}
