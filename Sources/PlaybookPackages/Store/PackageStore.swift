internal import Foundation
internal import Glibc

/// The packages that are installed in a home, and the archives that others of it can be made from.
public struct PackageStore: Sendable {
  let home: PackageHome
  /// Archives of packages by their digests; nil for none.
  private let cache: String?

  /// - Parameter cache: the folder of the cache.
  public init(home: PackageHome, cache: String?) {
    self.home = home
    self.cache = cache
  }

  /// The folder of a package.
  public func folder(of name: PackageName) -> String { home.packages + "/" + name.description }

  /// Whether something lies where the package would be.
  func isPresent(_ name: PackageName) -> Bool { FileManager.default.fileExists(atPath: folder(of: name)) }

  /// Reads an installed package, and makes sure that it is what is locked.
  ///
  /// What it returns is in memory: what becomes of the files later does not matter.
  ///
  /// - Throws: ``PackageError``: of kind `notInstalled` when it is not there, `refused` when it is another.
  public func package(_ locked: LockedPackage) async throws -> Package {
    guard isPresent(locked.name) else {
      throw PackageError(
        .notInstalled, "\(locked.name) \(locked.version) is not installed", hint: "apig-lua pkg install installs it")
    }
    let folder = folder(of: locked.name)
    let package = try await Package(try PackageFolder(folder), place: folder)
    try locked.require(package)
    return package
  }

  /// Writes a package where it belongs.
  ///
  /// - Throws: ``PackageError``; what writing throws. Then nothing has changed.
  func install(_ package: Package) throws {
    var files = package.tree.files.map { (name: $0.name, content: $0.content) }
    if let signature = package.signature { files.append((PackageSignature.fileName, signature)) }
    try FolderReplacement.write(files, to: folder(of: package.name), below: home.folder)
  }

  func remove(_ name: PackageName) throws {
    guard isPresent(name) else { return }
    try FolderReplacement.remove(folder(of: name), below: home.folder)
  }

  /// The names of all that is installed, locked or not. Sorted.
  func installedNames() -> [PackageName] {
    let owners = (try? FileManager.default.contentsOfDirectory(atPath: home.packages)) ?? []
    return owners.flatMap { owner in
      let names = (try? FileManager.default.contentsOfDirectory(atPath: home.packages + "/" + owner)) ?? []
      return names.compactMap { try? PackageName(owner + "/" + $0) }
    }.sorted()
  }

  // MARK: - Archives

  /// The archive of a version in the vendor folder: `OWNER/NAME-VERSION.tar.gz`, so that no two packages have one name.
  func vendored(_ name: PackageName, _ version: SemanticVersion) -> String {
    "\(home.vendor)/\(name)-\(version).tar.gz"
  }

  /// Puts a package's archive into the vendor folder.
  ///
  /// - Returns: the file.
  /// - Throws: ``PackageError`` of kind `refused` for links on the way; what writing throws.
  public func vendor(_ package: Package) throws -> String {
    let file = vendored(package.name, package.version)
    let folder = URL(filePath: file).deletingLastPathComponent().path
    try FolderReplacement.requireNoLinks(to: folder, below: home.folder)
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    // Given its name when it is whole: a link of that name is replaced, not followed.
    let fresh = folder + "/.new-" + UUID().uuidString
    try Data(PackageArchive.pack(package)).write(to: URL(filePath: fresh), options: .withoutOverwriting)
    guard rename(fresh, file) == 0 else {
      let reason = String(cString: strerror(errno))
      unlink(fresh)
      throw PackageError(.unavailable, place: file, "it cannot be written: \(reason)")
    }
    return file
  }

  /// A package out of the vendor folder; nil when it is not there.
  ///
  /// - Throws: ``PackageError`` when what is there under its name is another, or damaged.
  func vendored(_ locked: LockedPackage) async throws -> Package? {
    let file = vendored(locked.name, locked.version)
    guard FileManager.default.fileExists(atPath: file) else { return nil }
    do {
      let package = try await PackageArchive.read(file: file)
      try locked.require(package)
      return package
    } catch let error as PackageError {
      throw PackageError(
        error.kind, place: file, error.message,
        hint: "remove it; apig-lua pkg pack --vendor makes it anew")
    }
  }

  /// A package out of the cache; nil when it does not have it.
  func cached(_ locked: LockedPackage) async -> Package? {
    guard let file = cachedFile(locked.digest), FileManager.default.fileExists(atPath: file) else { return nil }
    // What is damaged there is fetched again.
    guard let package = try? await PackageArchive.read(file: file), (try? locked.require(package)) != nil else {
      return nil
    }
    return package
  }

  /// Keeps a package for other projects, and for the day that its source is gone. A cache that cannot be written costs
  /// nothing but time.
  func keep(_ package: Package) {
    guard let cache, let file = cachedFile(package.tree.digest) else { return }
    try? FileManager.default.createDirectory(atPath: cache, withIntermediateDirectories: true)
    try? Data(PackageArchive.pack(package)).write(to: URL(filePath: file), options: .atomic)
  }

  private func cachedFile(_ digest: String) -> String? { cache.map { "\($0)/\(digest).tar.gz" } }
}

extension PackageStore {
  /// Writes the lock, whole or not at all.
  public func write(_ lock: PackageLock) throws {
    try FileManager.default.createDirectory(atPath: home.folder, withIntermediateDirectories: true)
    try Data(lock.text.utf8).write(to: URL(filePath: home.lock), options: .atomic)
  }
}
