internal import Glibc

/// A lock that all users of a store hold together: whoever removes the store learns by it that somebody works on it.
final class StoreUse: Sendable {
  private let descriptor: Int32

  /// - Throws: ``StoreLockFailure`` when the lock's file cannot be made.
  init(of path: String) throws {
    descriptor = try Self.open(path)
    // Nobody waits here: the lock is only ever held alone for a moment, under the store's other lock.
    while flock(descriptor, LOCK_SH) != 0 {
      guard errno == EINTR else {
        let code = errno
        close(descriptor)
        throw StoreLockFailure(path: Self.file(path), code: code)
      }
    }
  }

  deinit { close(descriptor) }

  /// Whether nobody has the store open, in this process or another.
  static func isFree(_ path: String) throws -> Bool {
    let descriptor = try open(path)
    defer { close(descriptor) }
    return flock(descriptor, LOCK_EX | LOCK_NB) == 0
  }

  private static func file(_ path: String) -> String { path + ".users" }

  private static func open(_ path: String) throws -> Int32 {
    let descriptor = Glibc.open(file(path), O_CREAT | O_RDWR | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw StoreLockFailure(path: file(path), code: errno) }
    return descriptor
  }
}

/// Somebody has the store open.
struct StoreInUse: Error {}
