internal import Foundation
internal import Glibc

/// That nobody else changes the packages of a home meanwhile. It ends with the process at the latest.
public struct HeldHome: Sendable {
  private let descriptor: Int32

  fileprivate init(descriptor: Int32) { self.descriptor = descriptor }

  public func release() { close(descriptor) }
}

extension PackageStore {
  /// - Throws: ``PackageError`` of kind `refused` when another command is at work, and for links on the way; what
  ///   writing throws.
  public func holdExclusively() throws -> HeldHome {
    try FolderReplacement.requireNoLinks(to: home.packages, below: home.folder)
    try FileManager.default.createDirectory(atPath: home.packages, withIntermediateDirectories: true)
    let path = home.packages + "/.lock"
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else {
      throw PackageError(.unavailable, place: path, "it cannot be written: \(String(cString: strerror(errno)))")
    }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      close(descriptor)
      throw PackageError(
        .refused, place: home.packages, "another apig-lua pkg is at work on these packages",
        hint: "try again when it is done")
    }
    return HeldHome(descriptor: descriptor)
  }
}
