public import GatewayAPI
internal import GatewaySigning
public import GatewayTransport

/// Looks for a credential where people and other tools keep theirs; the first that is complete is used.
///
/// The order: a token that was handed in; the variables `APIG_TOKEN`, `HUAWEICLOUD_SDK_AK` and its kin,
/// `HW_ACCESS_KEY` and its kin; the profile of our own `config.yaml`; KooCLI's file; the SDKs' file; the metadata
/// service. A source is only opened when those before it hold nothing. Half a credential is an error, never skipped.
public struct CredentialChain: Sendable {
  /// A profile that somebody asked for by name.
  public struct ProfileChoice: Sendable {
    public var name: String
    /// Who named it: "--profile", "APIG_PROFILE", "apig.yaml:4:5".
    public var origin: String
    /// Whether it goes before credentials in variables: what stands on the command line does.
    public var overrulesVariables: Bool

    public init(name: String, origin: String, overrulesVariables: Bool) {
      self.name = name
      self.origin = origin
      self.overrulesVariables = overrulesVariables
    }
  }

  /// The gateway that it is for, for messages; nil for none in particular.
  public var gatewayName: String?
  /// The environment; an empty variable counts as not set.
  public var variable: @Sendable (String) -> String?
  /// The profiles of the user's `config.yaml`, by name.
  public var profiles: [String: CredentialProfile]
  /// How IAM is connected to.
  public var transport: HTTPTransportConfiguration
  public var now: @Sendable () -> Timestamp = { Timestamp.now() }
  /// Whether the metadata service may be asked, when nothing else is there.
  public var asksMetadataService = true
  /// A token that was handed in, as by `--token-stdin`.
  public var suppliedToken: Secret?
  /// nil: each file's own default.
  public var profile: ProfileChoice?
  /// The region to work in, when it is known from elsewhere.
  public var region: String?
  /// The project to work in, when it is known from elsewhere.
  public var projectID: String?
  /// The address of IAM, when it is known from elsewhere.
  public var identityEndpoint: String?

  public init(
    variable: @escaping @Sendable (String) -> String?, profiles: [String: CredentialProfile] = [:],
    transport: HTTPTransportConfiguration = HTTPTransportConfiguration()
  ) {
    self.variable = variable
    self.profiles = profiles
    self.transport = transport
  }

  /// Finds the credential.
  ///
  /// Nothing but the metadata service is asked over the network, and that only when nothing else is there.
  /// - Throws: ``CredentialError``; `CancellationError`.
  public func resolve() async throws -> ResolvedCredential {
    var search = Search()
    let finders = [suppliedTokens, variables, ownProfile, kooCLI, sdkFile]
    for find in finders {
      if let match = try find(&search) { return try resolved(match, tried: search.tried) }
    }
    if let profile {
      throw CredentialError(
        message: search.namedButUnusable ?? "there is no profile '\(profile.name)', which \(profile.origin) names",
        hint: search.namedButUnusable == nil ? hint(unknown: profile.name, among: search.names) : nil)
    }
    return try await metadata(search)
  }

  // MARK: - The sources in turn

  private struct Match {
    let found: FoundCredential
    let source: String
    let place: String
    var warnings: [String] = []
  }

  private struct Search {
    var tried: [ResolvedCredential.Attempt] = []
    /// Every profile seen, for suggestions.
    var names: [String] = []
    /// Why the profile that was asked for is of no use.
    var namedButUnusable: String?

    mutating func pass(_ source: String, _ reason: String) {
      tried.append(ResolvedCredential.Attempt(source: source, reason: reason))
    }
  }

  private func suppliedTokens(_ search: inout Search) throws -> Match? {
    guard let suppliedToken else { return nil }
    try checkCharacters(suppliedToken.text, of: "the token on standard input")
    return Match(found: FoundCredential(form: .token(suppliedToken)), source: "--token-stdin", place: "standard input")
  }

  private func variables(_ search: inout Search) throws -> Match? {
    if let profile, profile.overrulesVariables {
      search.pass("environment", "passed over: \(profile.origin) names profile '\(profile.name)'")
      return nil
    }
    if let token = variable(EnvironmentCredentials.token) {
      try checkCharacters(token, of: EnvironmentCredentials.token)
      return match(FoundCredential(form: .token(Secret(token))), EnvironmentCredentials.token)
    }
    search.pass(EnvironmentCredentials.token, "not set")
    for names in [EnvironmentCredentials.sdk, EnvironmentCredentials.provider] {
      if let found = try EnvironmentCredentials.key(names, variable) { return match(found, names.title) }
      search.pass(names.title, "not set")
    }
    return nil
  }

  private func match(_ found: FoundCredential, _ source: String) -> Match {
    var found = found
    found.projectID = variable(EnvironmentCredentials.projectID)
    found.region = variable(EnvironmentCredentials.region)
    return Match(found: found, source: source, place: "environment")
  }

  private func ownProfile(_ search: inout Search) throws -> Match? {
    search.names += profiles.keys
    let name = profile?.name ?? "default"
    guard let own = profiles[name] else {
      search.pass("config.yaml", profiles.isEmpty ? "it holds no profiles" : "it has no profile '\(name)'")
      return nil
    }
    return Match(
      found: try own.found(variable: variable), source: "profile '\(name)'", place: own.place,
      warnings: own.holdsSecrets ? Self.warnings(own.path) : [])
  }

  private static func warnings(_ path: String) -> [String] {
    guard let file = try? CredentialFile.read(path), file.isReadableByOthers else { return [] }
    return [permissionWarning(path: path)]
  }

  private func kooCLI(_ search: inout Search) throws -> Match? {
    let title = "KooCLI"
    guard let path = files.kooCLI else { return nil }
    guard let file = try KooCLIFile.read(path.path) else {
      if path.isExplicit { throw missing(path) }
      search.pass(title, "there is no \(path.path)")
      return nil
    }
    search.names += file.profiles.map(\.name)
    guard let name = profile?.name ?? file.current else {
      search.pass(title, "\(path.path) has no current profile")
      return nil
    }
    guard let entry = file.profiles.first(where: { $0.name == name }) else {
      search.pass(title, "\(path.path) has no profile '\(name)'")
      return nil
    }
    do {
      return Match(
        found: try file.found(entry), source: "KooCLI's profile '\(name)'", place: path.path,
        warnings: file.isReadableByOthers ? [permissionWarning(path: path.path)] : [])
    } catch let unusable as KooCLIFile.Unusable {
      if profile != nil { search.namedButUnusable = "\(path.path): \(unusable.reason)" }
      search.pass(title, unusable.reason)
      return nil
    }
  }

  private func sdkFile(_ search: inout Search) throws -> Match? {
    let title = "SDK credentials file"
    guard let path = files.sdk else { return nil }
    guard let file = try SDKCredentialsFile.read(path.path) else {
      if path.isExplicit { throw missing(path) }
      search.pass(title, "there is no \(path.path)")
      return nil
    }
    search.names += file.sections
    let section = profile?.name ?? SDKCredentialsFile.defaultSection
    guard let found = try file.found(section) else {
      search.pass(title, "\(path.path) has no section [\(section)]")
      return nil
    }
    return Match(
      found: found, source: "section [\(section)] of the SDKs' file", place: file.place(of: section),
      warnings: file.isReadableByOthers ? [permissionWarning(path: path.path)] : [])
  }

  private func metadata(_ search: Search) async throws -> ResolvedCredential {
    var search = search
    let title = "metadata service"
    if variable("APIG_NO_METADATA") == "1" {
      search.pass(title, "APIG_NO_METADATA=1 keeps it from being asked")
    } else if !asksMetadataService {
      search.pass(title, "not asked")
    } else {
      let service = MetadataService(endpoint: variable("APIG_METADATA_ENDPOINT") ?? MetadataService.address)
      do {
        let issued = try await service.obtain()
        return ResolvedCredential(
          provider: RenewingCredential(initial: issued, now: now) { try await service.obtain() },
          source: "metadata service of this server", place: "its agency",
          title: FoundCredential.title(of: issued), tried: search.tried,
          projectID: variable("HUAWEICLOUD_SDK_PROJECT_ID"),
          region: variable("HW_REGION_NAME"), identityEndpoint: nil, warnings: [])
      } catch let error as GatewayError {
        search.pass(title, error.message)
      }
    }
    let reasons = search.tried.map { "\($0.source): \($0.reason)" }.joined(separator: "; ")
    throw CredentialError(
      message: "there is no credential\(gatewayName.map { " for gateway '\($0)'" } ?? "") (\(reasons))",
      hint: "set HUAWEICLOUD_SDK_AK and HUAWEICLOUD_SDK_SK, or APIG_TOKEN, or write a profile")
  }

  private func missing(_ file: CredentialFiles.Location) -> CredentialError {
    CredentialError(message: "\(file.origin) names \(file.path), which is not there", hint: "correct or unset it")
  }

  private func hint(unknown name: String, among names: [String]) -> String {
    if let close = Suggestion.closest(to: name, in: names) { return "did you mean '\(close)'?" }
    return names.isEmpty
      ? "write it under 'profiles' of config.yaml"
      : "there are \(Set(names).sorted().map { "'\($0)'" }.joined(separator: ", "))"
  }

  // MARK: - From what was found to what signs

  private var files: CredentialFiles { CredentialFiles(variable: variable) }

  private func resolved(_ match: Match, tried: [ResolvedCredential.Attempt]) throws -> ResolvedCredential {
    ResolvedCredential(
      provider: try provider(match), source: match.source, place: match.place, title: match.found.title, tried: tried,
      projectID: match.found.projectID, region: match.found.region, identityEndpoint: match.found.identityEndpoint,
      warnings: match.warnings)
  }

  private func provider(_ match: Match) throws -> any CredentialProvider {
    let own: any CredentialProvider
    switch match.found.form {
    case .token(let token): own = GatewayAuthentication.token(token.text)
    case .accessKey(let key, let secret, let token):
      own = GatewayAuthentication.accessKey(
        Credential(accessKey: key, secretKey: secret.text, securityToken: token?.text))
    case .process(let words):
      let process = process(words, match)
      own = RenewingCredential(now: now) { try await process.obtain() }
    case .password(let user, let source):
      let service = try identityService(match), scope = scope(match)
      let process: CredentialProcess? =
        if case .process(let words) = source { process(words, match) } else { nil }
      own = RenewingCredential(now: now) {
        let password: Secret
        switch source {
        case .text(let text): password = text
        case .process: password = try await process?.password() ?? Secret("")
        }
        return try await service.token(PasswordLogin(user: user, password: password), scope: scope)
      }
    }
    guard let agency = match.found.agency else { return own }
    let assumed = AgencyCredential(agency: agency, own: own, service: try identityService(match), scope: scope(match))
    return RenewingCredential(now: now) { try await assumed.obtain() }
  }

  private func process(_ words: [String], _ match: Match) -> CredentialProcess {
    CredentialProcess(words: words, name: "credential_process of \(match.source)")
  }

  private func scope(_ match: Match) -> TokenScope? {
    if let id = projectID ?? match.found.projectID { return .projectID(id) }
    return (region ?? match.found.region).map(TokenScope.projectName)
  }

  private func identityService(_ match: Match) throws(CredentialError) -> IdentityService {
    if let endpoint = identityEndpoint ?? match.found.identityEndpoint {
      return IdentityService(endpoint: endpoint, transport: transport, now: now)
    }
    guard let region = (region ?? match.found.region).flatMap({ CloudRegion($0) }) else {
      throw CredentialError(
        place: match.place, message: "\(match.source) needs IAM, and neither a region nor 'iam_endpoint' is given",
        hint: "add region: REGION")
    }
    return IdentityService(endpoint: region.identityEndpoint, transport: transport, now: now)
  }
}
