/// Another package that a package needs.
public struct PackageDependency: Sendable, Hashable {
  public let name: PackageName
  public let source: PackageSource
  /// The versions of it that will do.
  public let range: VersionRange
}
