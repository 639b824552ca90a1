public import GatewayAPI

/// What `package.yaml` says of a package; reading it runs nothing.
public struct PackageManifest: Sendable, Hashable {
  /// The file's name, at the top of a package.
  public static let fileName = "package.yaml"
  /// Largest manifest, in bytes.
  public static let maximumSize = 64 << 10

  public let name: PackageName
  public let version: SemanticVersion
  /// One line for people; empty where there is none.
  public let summary: String
  /// The files that `apig-lua OWNER/NAME` can run, by name.
  public let entryPoints: [String: String]
  /// The versions of Lua that it runs in.
  public let luaRange: VersionRange
  /// The versions of apig-lua that it runs in.
  public let commandRange: VersionRange
  /// What it wants to do.
  public let permissions: [Permission]
  /// What it is made of.
  let files: [FilePattern]
  /// Sorted by name.
  public let dependencies: [PackageDependency]

  /// The entry point that runs when none is named: `main`, or the only one.
  public var defaultEntryPoint: String? {
    entryPoints["main"] ?? (entryPoints.count == 1 ? entryPoints.first?.value : nil)
  }

  /// Whether a file is one of the package's.
  func includes(_ path: PackagePath) -> Bool {
    path.description == Self.fileName
      || (path.description != PackageSignature.fileName && files.contains { $0.matches(path) })
  }

  /// - Parameters:
  ///   - lua: the version of Lua at hand.
  ///   - command: the version of apig-lua.
  /// - Throws: ``PackageError`` of kind `conflict` when the package runs in neither, or not in one of them.
  public func requireRunnable(lua: SemanticVersion, command: SemanticVersion) throws(PackageError) {
    for (what, version, range) in [("Lua", lua, luaRange), ("apig-lua", command, commandRange)]
    where !range.contains(version) {
      throw PackageError(
        .conflict, "\(name) \(self.version) needs \(what) \(range), and this is \(what) \(version)",
        hint: "take another version of \(name)")
    }
  }
}
