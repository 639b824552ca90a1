internal import Glibc

/// Reads regular files below a folder, one part of the way at a time, so that no link is followed and nothing can be
/// swapped in between.
package enum FileReading {
  package enum Failure: Error {
    case system(Int32)
    case isNoRegularFile
    case isTooLarge(limit: Int)

    /// The end of a sentence: "waves.lua …".
    package var reason: String {
      switch self {
      case .system(ELOOP): "is reached by a symbolic link"
      case .system(let code): "cannot be read: \(String(cString: strerror(code)))"
      case .isNoRegularFile: "is no regular file"
      case .isTooLarge(let limit):
        "is larger than \(limit >= 1 << 20 ? "\(limit >> 20) MiB" : "\(limit >> 10) KiB")"
      }
    }
  }

  /// - Parameters:
  ///   - folder: it may be reached by links itself.
  ///   - limit: the most bytes.
  static func read(_ parts: [String], below folder: String, limit: Int) throws(Failure) -> [UInt8] {
    var folder = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard folder >= 0 else { throw .system(errno) }
    defer { close(folder) }
    for part in parts.dropLast() {
      let next = openat(folder, part, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
      guard next >= 0 else { throw .system(errno) }
      close(folder)
      folder = next
    }
    return try read(parts.last ?? "", in: folder, flags: O_NOFOLLOW, limit: limit)
  }

  /// Reads a file that may be reached by links.
  package static func read(_ path: String, limit: Int) throws(Failure) -> [UInt8] {
    try read(path, in: AT_FDCWD, flags: 0, limit: limit)
  }

  private static func read(
    _ name: String, in folder: Int32, flags: Int32, limit: Int
  ) throws(Failure) -> [UInt8] {
    // Not blocking: opening a FIFO that nobody writes to would hang before it could be refused.
    let descriptor = openat(folder, name, O_RDONLY | O_NONBLOCK | O_CLOEXEC | flags)
    guard descriptor >= 0 else { throw .system(errno) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw .system(errno) }
    guard status.st_mode & S_IFMT == S_IFREG else { throw .isNoRegularFile }
    guard status.st_size <= limit else { throw .isTooLarge(limit: limit) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      let count = Glibc.read(descriptor, &buffer, buffer.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw .system(errno) }
      if count == 0 { return bytes }
      bytes.append(contentsOf: buffer[..<count])
      // It may have grown meanwhile.
      guard bytes.count <= limit else { throw .isTooLarge(limit: limit) }
    }
  }
}
