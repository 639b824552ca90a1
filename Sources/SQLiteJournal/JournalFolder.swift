internal import Glibc
internal import RunJournal

/// The folder and the files that a journal is made of: the user's alone.
enum JournalFolder {
  /// Makes the folder and an empty file where they are missing, and runs the body while no other process does so:
  /// SQLite cannot lock what is not there yet.
  ///
  /// - Throws: `JournalError`; what the body throws.
  static func withLock<Value>(on path: String, _ body: () throws -> Value) throws -> Value {
    try make(String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)]), for: path)
    let descriptor = open(path + ".lock", O_CREAT | O_RDWR | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw failure(path, errno) }
    // Closing gives the lock back, and so does the end of the process.
    defer { close(descriptor) }
    while flock(descriptor, LOCK_EX) != 0 {
      guard errno == EINTR else { throw failure(path, errno) }
    }
    try makeFile(path)
    return try body()
  }

  private static func make(_ folder: String, for path: String) throws {
    guard !folder.isEmpty, access(folder, F_OK) != 0 else { return }
    try make(String(folder[..<(folder.lastIndex(of: "/") ?? folder.startIndex)]), for: path)
    // Another process may have been quicker.
    guard mkdir(folder, 0o700) == 0 || errno == EEXIST else { throw failure(path, errno) }
  }

  /// SQLite gives the files beside it the same permissions.
  private static func makeFile(_ path: String) throws {
    // Only a file of one's own making may be closed: closing one that SQLite has open would take its locks.
    let descriptor = open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0o600)
    if descriptor >= 0 {
      close(descriptor)
    } else if errno != EEXIST {
      throw failure(path, errno)
    }
  }

  private static func failure(_ path: String, _ code: Int32) -> JournalError {
    JournalError(
      code: .unavailable, message: "the journal \(path) cannot be opened: \(String(cString: strerror(code)))",
      hint: "it must be a file that you may write, in a folder that you may write")
  }
}
