import Glibc

/// Reads what is meant to be a script: a regular file of a sensible size, once.
package enum TextFile {
  /// Largest script or module, in bytes.
  package static let maximumSize = 1 << 20

  package enum Failure: Error, Sendable, Hashable {
    /// The system's word for it.
    case system(Int32)
    case isFolder
    /// A device, a socket, a FIFO.
    case isNoRegularFile
    case isTooLarge

    /// The end of a sentence: "release.lua …".
    package var reason: String {
      switch self {
      case .system(let code): "cannot be read: \(unsafe String(cString: strerror(code)))"
      case .isFolder: "is a folder"
      case .isNoRegularFile: "is no regular file"
      case .isTooLarge: "is larger than \(maximumSize >> 20) MiB"
      }
    }
  }

  /// Reads an open file, or a pipe, to its end.
  package static func read(_ descriptor: Int32) throws(Failure) -> [UInt8] {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      let count = unsafe Glibc.read(descriptor, &buffer, buffer.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw .system(errno) }
      if count == 0 { return bytes }
      bytes.append(contentsOf: buffer[..<count])
      guard bytes.count <= maximumSize else { throw .isTooLarge }
    }
  }

  /// Opens and reads a regular file.
  ///
  /// - Parameters:
  ///   - folder: what a relative path begins at: a descriptor, or `AT_FDCWD`.
  ///   - followsLinks: whether the last part of the path may be a symbolic link.
  package static func read(
    _ path: String, in folder: Int32 = AT_FDCWD, followsLinks: Bool = true
  ) throws(Failure) -> [UInt8] {
    // Not blocking: opening a FIFO that nobody writes to would hang before it could be refused.
    let flags = O_RDONLY | O_NONBLOCK | O_CLOEXEC | (followsLinks ? 0 : O_NOFOLLOW)
    let descriptor = unsafe openat(folder, path, flags)
    guard descriptor >= 0 else { throw .system(errno) }
    defer { close(descriptor) }
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else { throw .system(errno) }
    switch status.st_mode & S_IFMT {
    case S_IFREG: return try read(descriptor)
    case S_IFDIR: throw .isFolder
    default: throw .isNoRegularFile
    }
  }
}
