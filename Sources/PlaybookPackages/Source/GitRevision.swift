/// What of a repository is meant.
public enum GitRevision: Sendable, Hashable, CustomStringConvertible {
  /// The highest version of its tags that is in a range.
  case range(VersionRange)
  /// A tag or a branch.
  case name(String)
  case commit(String)

  /// Reads what stands behind the `@` of a source.
  ///
  /// - Throws: ``PackageError`` of kind `usage`.
  init(_ text: String) throws(PackageError) {
    if GitRevision.isCommit(text) {
      self = .commit(text)
    } else if let range = try? VersionRange(text) {
      self = .range(range)
    } else {
      // What git allows as a name, and nothing that it could take for an option or an expression.
      let isName = text.wholeMatch(of: /[A-Za-z0-9_][A-Za-z0-9_.\/+-]*/) != nil && text.utf8.count <= 200
      guard isName, !text.contains(".."), !text.contains("//"), !text.contains("/."), !text.hasSuffix("/"),
        !text.hasSuffix("."), !text.hasSuffix(".lock")
      else {
        throw PackageError(
          .usage, "'\(text.shownName)' is no tag, branch, commit or range of versions",
          hint: "write @v1.2.0, @main, @^1.2 or the 40 digits of a commit")
      }
      self = .name(text)
    }
  }

  public var description: String {
    switch self {
    case .range(let range): range.description
    case .name(let name): name
    case .commit(let commit): commit
    }
  }

  /// Whether it is a whole object name, of SHA-1 or SHA-256.
  static func isCommit(_ text: String) -> Bool {
    [40, 64].contains(text.utf8.count) && text.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
  }
}
