/// Where one state of a package was taken from, so that it can be found again.
public struct PackageOrigin: Sendable, Hashable {
  public let location: PackageSource.Location
  /// The tag or branch, by its whole name: `refs/tags/v2.1.0`; nil for what has none.
  public var reference: String?
  /// Of a git repository.
  public var commit: String?

  /// Its address alone.
  public var address: String { PackageSource(location).address }
}

/// One version that a source has.
struct PackageRelease: Sendable, Hashable {
  let origin: PackageOrigin
  /// What its tag says; nil where only the manifest tells.
  let version: SemanticVersion?
}
