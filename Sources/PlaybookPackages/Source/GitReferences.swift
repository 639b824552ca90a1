/// The tags and branches of a repository, with the commits that they name.
struct GitReferences: Sendable {
  /// One that was found, by its whole name: `refs/tags/v1.2.0`.
  struct Reference: Sendable, Hashable {
    let name: String
    let commit: String
  }

  private static let tags = "refs/tags/"
  private static let branches = "refs/heads/"

  private var commits: [String: String] = [:]

  /// - Parameter listing: what `git ls-remote` writes.
  init(_ listing: String) {
    for line in listing.split(separator: "\n") {
      let parts = line.split(separator: "\t", maxSplits: 1).map(String.init)
      guard parts.count == 2, GitRevision.isCommit(parts[0]) else { continue }
      // An annotated tag comes twice: itself, and the commit that it names.
      let isPeeled = parts[1].hasSuffix("^{}")
      let name = isPeeled ? String(parts[1].dropLast(3)) : parts[1]
      if isPeeled || commits[name] == nil { commits[name] = parts[0] }
    }
  }

  subscript(name: String) -> String? { commits[name] }

  /// The tags that are versions, each version once, the highest first.
  ///
  /// - Throws: ``PackageError`` of kind `refused` when `v1.2.0` and `1.2.0` are two commits.
  func versions() throws(PackageError) -> [(version: SemanticVersion, reference: Reference)] {
    var found: [SemanticVersion: Reference] = [:]
    for (name, commit) in commits.sorted(by: { $0.key < $1.key }) where name.hasPrefix(Self.tags) {
      guard let version = SemanticVersion(tag: String(name.dropFirst(Self.tags.count))) else { continue }
      if let other = found[version], other.commit != commit {
        throw PackageError(.refused, "the tags \(other.name) and \(name) are one version and two commits")
      }
      found[version] = Reference(name: name, commit: commit)
    }
    return found.sorted { $0.key > $1.key }.map { ($0.key, $0.value) }
  }

  /// A tag or a branch.
  ///
  /// - Throws: ``PackageError`` of kind `usage` when it is both.
  func reference(named name: String) throws(PackageError) -> Reference? {
    let found = Self.names(of: name).compactMap { name in commits[name].map { Reference(name: name, commit: $0) } }
    if let tag = found.first, let branch = found.last, tag.commit != branch.commit {
      throw PackageError(.usage, "'\(name)' is a tag and a branch", hint: "write @\(tag.name) or @\(branch.name)")
    }
    return found.first
  }

  /// The whole names of what people name shortly.
  static func names(of name: String) -> [String] {
    name.hasPrefix("refs/") ? [name] : [tags + name, branches + name]
  }

  /// Tags and branches as people name them, for suggestions.
  var shortNames: [String] {
    commits.keys.filter { $0.hasPrefix(Self.tags) || $0.hasPrefix(Self.branches) }
      .map { String($0.split(separator: "/", maxSplits: 2).last ?? "") }
  }

  /// Whether a reference is one that must not move.
  static func isTag(_ name: String) -> Bool { name.hasPrefix(tags) }
}
