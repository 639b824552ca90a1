internal import GatewayAPI

/// Where a package comes from: a folder, an archive, a git repository.
public struct PackageSource: Sendable, Hashable, CustomStringConvertible {
  public enum Location: Sendable, Hashable {
    case folder(String)
    /// A file that ``PackageArchive`` reads.
    case archive(String)
    /// The address of one.
    case web(String)
    case git(GitLocation)
  }

  public let location: Location
  /// Of a git repository; nil where none is named.
  public let revision: GitRevision?

  init(_ location: Location, revision: GitRevision? = nil) {
    self.location = location
    self.revision = revision
  }

  /// Reads `./rotate`, `rotate-1.0.0.tar.gz`, `https://…/rotate.tar.gz`, `git+https://…@^1.2`, `git@HOST:PATH@main`.
  ///
  /// - Throws: ``PackageError`` of kind `usage`.
  public init(_ text: String) throws(PackageError) {
    guard !text.isEmpty, text.utf8.count <= 1000, !text.hasInvisibleCharacters else {
      throw PackageError(.usage, "'\(text.shownName)' is no source of a package", hint: Self.forms)
    }
    if text.hasPrefix("git+") || text.hasPrefix("git@") {
      let (address, revision) = Self.split(text)
      let location = Location.git(try GitLocation(address))
      self.init(location, revision: try revision.map { text throws(PackageError) in try GitRevision(text) })
    } else if text.hasPrefix("https://") {
      guard text.wholeMatch(of: /https:\/\/[A-Za-z0-9\[][A-Za-z0-9.:\[\]-]*\/[A-Za-z0-9~_.\/+%@,=-]+/) != nil else {
        throw PackageError(
          .usage, "'\(text.shownURL)' is no address of an archive",
          hint: "write https://HOST/PATH, without user, password or query: apig.lock would keep them")
      }
      self.init(.web(text))
    } else if text.contains("://") {
      throw PackageError(
        .usage, "packages do not come over '\(text.prefix { $0 != ":" }):'",
        hint: text.hasPrefix("http:") ? "use https" : Self.forms)
    } else if text.hasSuffix(".tar.gz") || text.hasSuffix(".tgz") {
      self.init(.archive(text))
    } else if text == "." || text == ".." || ["./", "../", "/"].contains(where: { text.hasPrefix($0) }) {
      self.init(.folder(text))
    } else {
      throw PackageError(.usage, "'\(text)' is no source of a package", hint: Self.forms)
    }
  }

  private static let forms =
    "a folder (./rotate), an archive (FILE.tar.gz, https://…), or a git repository (git+https://…, git+ssh://…, "
    + "git+file:///…, git@HOST:PATH, with @TAG, @BRANCH, @COMMIT or @RANGE)"

  /// The address and what stands behind the `@` of its path.
  private static func split(_ text: String) -> (address: String, revision: String?) {
    let authority = text.firstRange(of: "://").map { text[$0.upperBound...] } ?? text[...]
    // That of the user stands before the path.
    guard let path = authority.firstIndex(where: { text.hasPrefix("git@") ? $0 == ":" : $0 == "/" }),
      let at = text[path...].lastIndex(of: "@")
    else { return (text, nil) }
    return (String(text[..<at]), String(text[text.index(after: at)...]))
  }

  public var description: String { address + (revision.map { "@\($0)" } ?? "") }

  /// Without the revision.
  public var address: String {
    switch location {
    case .folder(let path), .archive(let path): path
    case .web(let url): url
    case .git(let location): location.description
    }
  }

  /// The versions that it asks for, of a repository's tags; nil for a source that has one version only.
  var range: VersionRange? {
    guard case .range(let range)? = revision else { return nil }
    return range
  }

  /// Whether it is a place of this machine, which a package from elsewhere must not name.
  var isLocal: Bool {
    switch location {
    case .folder, .archive: true
    case .web: false
    case .git(let location): location.transport == .file
    }
  }
}

extension PackageSource {
  /// A relative path that a package of a folder names, seen from where that folder is seen from.
  func below(_ parent: Location) -> PackageSource {
    guard case .folder(let folder) = parent else { return self }
    func joined(_ path: String) -> String { path.hasPrefix("/") ? path : folder + "/" + path }
    switch location {
    case .folder(let path): return PackageSource(.folder(joined(path)))
    case .archive(let path): return PackageSource(.archive(joined(path)))
    case .web, .git: return self
    }
  }
}
