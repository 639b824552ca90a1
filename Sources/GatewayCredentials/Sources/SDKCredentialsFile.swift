/// The SDKs' `~/.huaweicloud/credentials`: read, never written.
struct SDKCredentialsFile: Sendable {
  /// The section of regional services, of which the gateway is one.
  static let defaultSection = "basic"

  let path: String
  let isReadableByOthers: Bool
  private let file: INIFile

  /// - Returns: nil when there is no such file.
  /// - Throws: ``CredentialError``.
  static func read(_ path: String) throws(CredentialError) -> SDKCredentialsFile? {
    guard let file = try CredentialFile.read(path) else { return nil }
    return SDKCredentialsFile(
      path: path, isReadableByOthers: file.isReadableByOthers, file: try INIFile(file.text, path: path))
  }

  var sections: [String] { file.sections.keys.sorted() }

  /// Where a section begins.
  func place(of section: String) -> String { file.sections[section].map { "\(path):\($0.line)" } ?? path }

  /// The credential of a section.
  ///
  /// - Returns: nil when there is no such section.
  /// - Throws: ``CredentialError`` when it holds half a credential, or a form that is not supported.
  func found(_ section: String) throws(CredentialError) -> FoundCredential? {
    guard let values = file.sections[section]?.values else { return nil }
    func wrong(_ reason: String, hint: String) -> CredentialError {
      CredentialError(place: place(of: section), message: reason, hint: hint)
    }
    func value(_ name: String) -> String? { values[name].flatMap { $0.isEmpty ? nil : $0 } }
    if value("idp_id") != nil || value("id_token_file") != nil {
      throw wrong(
        "section [\(section)] logs in by an identity provider (idp_id, id_token_file), which is not supported",
        hint: "give it ak and sk, or let a credential_process of config.yaml fetch them")
    }
    switch (value("ak"), value("sk")) {
    case (let access?, let secret?):
      try checkCharacters(access, of: "'ak'", place: place(of: section))
      try checkCharacters(secret, of: "'sk'", place: place(of: section))
      if let token = value("security_token") {
        try checkCharacters(token, of: "'security_token'", place: place(of: section))
      }
      var found = FoundCredential(
        form: .accessKey(access, secretKey: Secret(secret), securityToken: value("security_token").map(Secret.init)))
      found.projectID = value("project_id")
      found.identityEndpoint = value("iam_endpoint")
      return found
    case (_?, nil): throw wrong("section [\(section)] has ak and no sk", hint: "add sk = …")
    case (nil, _?): throw wrong("section [\(section)] has sk and no ak", hint: "add ak = …")
    case (nil, nil): throw wrong("section [\(section)] has neither ak nor sk", hint: "add both")
    }
  }
}
