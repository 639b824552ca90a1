internal import Glibc

/// Reads a file that holds secrets.
struct CredentialFile: Sendable {
  /// Larger is no file of credentials, in bytes.
  private static let maximumSize = 1 << 20

  let text: String
  /// Whether other users of this machine may read it.
  let isReadableByOthers: Bool

  /// - Returns: nil when there is no such file.
  /// - Throws: ``CredentialError`` for what is there and cannot be read.
  static func read(_ path: String) throws(CredentialError) -> CredentialFile? {
    func failure(_ reason: String, hint: String? = nil) -> CredentialError {
      CredentialError(place: path, message: reason, hint: hint)
    }
    // Not blocking: opening a FIFO that nobody writes to would hang before it could be refused.
    let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else {
      if errno == ENOENT || errno == ENOTDIR { return nil }
      throw failure("the file cannot be read: \(String(cString: strerror(errno)))")
    }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw failure("this is no regular file")
    }
    guard status.st_size <= maximumSize else { throw failure("the file is larger than \(maximumSize >> 20) MiB") }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    while bytes.count <= maximumSize {
      let count = Glibc.read(descriptor, &buffer, buffer.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw failure("the file cannot be read: \(String(cString: strerror(errno)))") }
      if count == 0 { break }
      bytes.append(contentsOf: buffer[..<count])
    }
    guard let text = String(validating: bytes, as: UTF8.self) else { throw failure("the file is no UTF-8 text") }
    return CredentialFile(text: text, isReadableByOthers: status.st_mode & 0o077 != 0)
  }
}

/// What to say of a file with secrets that others can read.
public func permissionWarning(path: String) -> String {
  "\(path) holds secrets, and other users of this machine can read it: chmod 600 \(path)"
}
