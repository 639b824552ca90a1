internal import Foundation
internal import GatewayAPI
internal import PlaybookPackages

/// What the commands of packages work with: the home, and who looks after it.
struct PackageWorkplace: Sendable {
  let home: PackageHome
  let manager: PackageManager

  /// - Parameters:
  ///   - isGlobal: the user's own packages, in place of the project's.
  ///   - isOffline: whether nothing may be fetched.
  /// - Throws: ``ConfigurationError``.
  init(_ settings: Settings, isGlobal: Bool = false, isOffline: Bool = false) throws {
    let folder = ConfigurationFile.projectFolder(from: ProcessFacts.current.folder)
    try self.init(
      settings, isGlobal ? .user(of: settings.variables) : .project(folder),
      project: isGlobal ? nil : folder, isOffline: isOffline)
  }

  /// - Parameters:
  ///   - variables: of the user who types; those of the settings unless given.
  ///   - project: the project's folder; nil for packages that are no project's.
  ///   - isOffline: whether nothing may be fetched.
  /// - Throws: ``ConfigurationError``.
  init(
    _ settings: Settings, variables: EnvironmentVariables? = nil, _ home: PackageHome, project: String?,
    isOffline: Bool
  ) throws {
    let variables = variables ?? settings.variables
    self.home = home
    let cache = try variables.folder("XDG_CACHE_HOME", default: ".cache") + "/packages"
    var rules = PackageManager.Rules(
      lua: try SemanticVersion(Self.luaVersion), command: try SemanticVersion(ApigLua.version))
    rules.requiresSigned = settings.policy.requiresSigned
    rules.isOffline = isOffline
    let download = ArchiveDownload(settings: settings)
    manager = PackageManager(
      store: PackageStore(home: home, cache: cache),
      sources: SourceReader(folder: home.folder, gitCache: cache + "/git") { url, limit in
        try await download.get(url, limit: limit)
      },
      verifier: try Self.verifier(variables, project: project), rules: rules)
  }

  /// The version of Lua that scripts run in, as far as packages can depend on it.
  static let luaVersion = "5.4.0"

  /// Whose signatures count: whom the machine allows and whom the user does; then, and less, whom the project does.
  private static func verifier(_ variables: EnvironmentVariables, project: String?) throws -> SignatureVerifier {
    SignatureVerifier(
      lists: [
        "/etc/apig-lua/allowed_signers",
        try variables.folder("XDG_CONFIG_HOME", default: ".config") + "/allowed_signers",
      ], projectList: project.map { $0 + "/.apig/allowed_signers" })
  }

  /// A source as it was typed, as it is seen from where the lock lies.
  func source(_ text: String) throws -> PackageSource {
    try PackageSource(text).seen(from: home.folder, typedIn: ProcessFacts.current.folder)
  }

  func names(_ texts: [String]) throws -> [PackageName] { try texts.map { text in try PackageName(text) } }
}

extension PackageHome {
  /// - Throws: ``ConfigurationError`` when nothing says where the user's files lie.
  static func user(of variables: EnvironmentVariables) throws -> PackageHome {
    .user(try variables.folder("XDG_DATA_HOME", default: ".local/share"))
  }
}
