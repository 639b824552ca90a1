internal import GatewayAPI

/// Reads packages from where they are published.
public struct SourceReader: Sendable {
  /// Gets the content of an `https` URL.
  public typealias Download = @Sendable (_ url: String, _ limit: Int) async throws -> [UInt8]

  private let folder: String
  private let gitCache: String
  private let download: Download

  /// - Parameters:
  ///   - folder: what relative paths begin at.
  ///   - gitCache: the folder for objects of git repositories.
  ///   - download: the command's way to other servers; it must not follow a redirect away from https.
  public init(folder: String, gitCache: String, download: @escaping Download) {
    self.folder = folder
    self.gitCache = gitCache
    self.download = download
  }

  /// The versions of a source, those that are to be preferred first.
  ///
  /// - Parameter isLocked: a version that is in the lock already: its tag must not have moved.
  /// - Throws: ``PackageError``; `CancellationError`.
  func releases(of source: PackageSource, locked: PackageOrigin? = nil) async throws -> [PackageRelease] {
    guard case .git(let location) = source.location else {
      return [PackageRelease(origin: PackageOrigin(location: source.location), version: nil)]
    }
    let origin = PackageOrigin(location: source.location)
    if case .commit(let commit)? = source.revision {
      var origin = origin
      origin.commit = commit
      return [PackageRelease(origin: origin, version: nil)]
    }
    let references = try await GitRepository(location, cache: gitCache).references()
    // Another repository may well have a tag of that name.
    if let locked, locked.location == source.location { try Self.requireUnmoved(locked, in: references) }
    func release(_ reference: GitReferences.Reference, _ version: SemanticVersion?) -> PackageRelease {
      var origin = origin
      origin.reference = reference.name
      origin.commit = reference.commit
      return PackageRelease(origin: origin, version: version)
    }
    if case .name(let name)? = source.revision {
      guard let reference = try references.reference(named: name) else {
        throw PackageError(
          .unavailable, place: source.address, "the repository has no tag or branch '\(name)'",
          hint: Suggestion.closest(to: name, in: references.shortNames).map { "did you mean '\($0)'?" }
            ?? (name.allSatisfy(\.isHexDigit) ? "a commit is named by all its 40 digits" : nil))
      }
      return [release(reference, nil)]
    }
    do {
      let versions = try references.versions()
      guard !versions.isEmpty else {
        throw PackageError(
          .unavailable, "the repository has no tag that is a version, as v1.0.0",
          hint: "name what you want: @BRANCH, @TAG or @COMMIT")
      }
      return versions.map { release($0.reference, $0.version) }
    } catch var error as PackageError {
      error.place = source.address
      throw error
    }
  }

  /// Reads one state of a package.
  ///
  /// - Throws: ``PackageError``; `CancellationError`.
  func package(of release: PackageRelease) async throws -> Package {
    let package = try await read(release.origin)
    if let version = release.version, package.version != version {
      throw PackageError(
        .refused, place: release.origin.address,
        "the tag \(release.origin.reference ?? "") holds version \(package.version) of \(package.name)",
        hint: "the version of \(PackageManifest.fileName) must be the tag's")
    }
    return package
  }

  /// Reads what the lock says, where it says: a tag that names another commit by now is not taken.
  ///
  /// - Throws: ``PackageError``; `CancellationError`.
  func package(at origin: PackageOrigin) async throws -> Package {
    if case .git(let location) = origin.location, origin.reference != nil {
      try Self.requireUnmoved(origin, in: try await GitRepository(location, cache: gitCache).references())
    }
    return try await read(origin)
  }

  private func read(_ origin: PackageOrigin) async throws -> Package {
    switch origin.location {
    case .folder(let path):
      return try await Package(try PackageFolder(FilePaths.absolute(path, in: folder)), place: path)
    case .archive(let path): return try await PackageArchive.read(file: FilePaths.absolute(path, in: folder))
    case .web(let url):
      return try await PackageArchive.read(try await download(url, PackageArchive.maximumSize), place: url)
    case .git(let location):
      guard let commit = origin.commit else {
        throw PackageError(.malformed, place: location.description, "no commit of the repository is named")
      }
      return try await Package(
        try await GitRepository(location, cache: gitCache).contents(of: commit), place: location.description)
    }
  }

  private static func requireUnmoved(_ locked: PackageOrigin, in references: GitReferences) throws(PackageError) {
    guard let name = locked.reference, GitReferences.isTag(name), let commit = locked.commit,
      let now = references[name], now != commit
    else { return }
    throw PackageError(
      .refused, place: locked.address, "the tag \(name) has moved: apig.lock has commit \(commit), it is \(now) now",
      hint:
        "a published version must not change: ask its author; to take it all the same, remove the package and add it")
  }
}
