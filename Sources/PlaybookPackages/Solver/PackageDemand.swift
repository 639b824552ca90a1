/// That somebody needs a package, and which versions of it will do.
struct PackageDemand: Sendable, Hashable {
  let name: PackageName
  /// Without the range, which is beside it.
  let source: PackageSource
  let range: VersionRange
  /// Who: "the project", "acme/rotate 2.1.0".
  let by: String

  /// For messages: "acme/rotate 2.1.0 needs ^1.2".
  var text: String {
    let revision = source.range == nil ? source.revision.map { "@\($0)" } : nil
    return "\(by) needs \(revision ?? range.description)"
  }
}
