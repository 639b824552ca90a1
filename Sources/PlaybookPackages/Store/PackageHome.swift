internal import Glibc

/// Where the packages of a project, or of a user, are kept.
public struct PackageHome: Sendable, Hashable {
  /// What paths in the lock are relative to, and where the lock lies.
  public let folder: String
  /// Installed packages: `OWNER/NAME` below it.
  public let packages: String
  /// Archives that came with the project, for machines that reach nothing else.
  public let vendor: String
  public let lock: String

  /// A project's: `.apig/pkg`, with `apig.lock` beside `apig.yaml`.
  public static func project(_ folder: String) -> PackageHome {
    PackageHome(
      folder: folder, packages: folder + "/.apig/pkg", vendor: folder + "/.apig/vendor",
      lock: folder + "/" + PackageLock.fileName)
  }

  /// A user's own, for every project: below `$XDG_DATA_HOME/apig-lua`.
  public static func user(_ dataFolder: String) -> PackageHome {
    PackageHome(
      folder: dataFolder, packages: dataFolder + "/pkg", vendor: dataFolder + "/vendor",
      lock: dataFolder + "/" + PackageLock.fileName)
  }

  /// Whether there is a lock at all.
  var hasLock: Bool { access(lock, F_OK) == 0 }

  /// Whether there is certainly none: ``readLock()`` then finds an empty one.
  public var lacksLock: Bool { access(lock, F_OK) != 0 && errno == ENOENT }

  /// - Throws: ``PackageError`` of kind `refused` when there is none.
  public func requireLock() throws(PackageError) {
    guard !hasLock else { return }
    throw PackageError(.refused, "there is no \(lock)", hint: "add the packages, and commit what that writes")
  }

  /// What is locked; an empty lock where there is no file.
  ///
  /// - Throws: ``PackageError``.
  public func readLock() throws(PackageError) -> PackageLock {
    let bytes: [UInt8]
    do throws(FileReading.Failure) {
      bytes = try FileReading.read(lock, limit: PackageLock.maximumSize)
    } catch {
      if case .system(ENOENT) = error { return PackageLock() }
      throw PackageError(.malformed, place: lock, "the lock \(error.reason)")
    }
    return try PackageLock(bytes, place: lock)
  }
}
