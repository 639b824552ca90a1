internal import Foundation
internal import Glibc

/// The files that a store is made of.
enum StoreFile {
  static func makeFolder(of path: String) throws {
    let folder = URL(filePath: path).deletingLastPathComponent().path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  }

  static func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

  /// Runs the body while no other process runs one for the same store.
  ///
  /// - Throws: ``StoreLockFailure`` when the lock's file cannot be made; what the body throws.
  static func withLock<Value>(on path: String, _ body: () throws -> Value) throws -> Value {
    let lock = path + ".lock"
    let descriptor = open(lock, O_CREAT | O_RDWR | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw StoreLockFailure(path: lock, code: errno) }
    // Closing gives the lock back, and so does the end of the process.
    defer { close(descriptor) }
    while flock(descriptor, LOCK_EX) != 0 {
      guard errno == EINTR else { throw StoreLockFailure(path: lock, code: errno) }
    }
    return try body()
  }

  /// Removes a store that nobody has open, with what SQLite keeps beside it.
  ///
  /// - Throws: ``StoreInUse`` when somebody has it open; nothing is removed then.
  static func remove(_ path: String) throws {
    try withLock(on: path) {
      // While the lock is held nobody can begin to use it.
      guard try StoreUse.isFree(path) else { throw StoreInUse() }
      try removeFiles(path)
    }
  }

  private static func removeFiles(_ path: String) throws {
    for suffix in ["", "-wal", "-shm"] where FileManager.default.fileExists(atPath: path + suffix) {
      try FileManager.default.removeItem(atPath: path + suffix)
    }
  }
}

/// The lock of a store cannot be taken.
struct StoreLockFailure: Error, CustomStringConvertible {
  let path: String
  let code: Int32

  var description: String { "\(path): \(String(cString: strerror(code)))" }
}
