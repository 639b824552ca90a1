internal import Glibc

/// The files of a folder, read without following anything out of it.
///
/// Names that begin with a dot are passed over. A link, a device or a FIFO anywhere else is refused: whoever packs the
/// folder would get another package than whoever looks at it.
struct PackageFolder: PackageContents {
  /// The most entries that are looked at.
  static let maximumEntries = 20_000

  let path: String
  let paths: [PackagePath]

  /// - Throws: ``PackageError`` of kind `usage` when there is no such folder, `refused` for what it must not hold.
  init(_ path: String) throws(PackageError) {
    self.path = path
    let root = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard root >= 0 else {
      throw PackageError(.usage, place: path, "the folder cannot be read: \(String(cString: strerror(errno)))")
    }
    var walk = Walk(place: path)
    try walk.visit(root, below: "")
    paths = walk.paths
  }

  func read(_ paths: [PackagePath]) async throws -> [[UInt8]] {
    try paths.map { path in
      do throws(FileReading.Failure) {
        return try FileReading.read(path.parts, below: self.path, limit: PackageTree.maximumFileSize)
      } catch {
        throw PackageError(.refused, place: self.path, "\(path) \(error.reason)")
      }
    }
  }

  private struct Walk {
    let place: String
    var paths: [PackagePath] = []
    private var count = 0

    init(place: String) { self.place = place }

    /// Closes the folder's descriptor.
    mutating func visit(_ folder: Int32, below prefix: String) throws(PackageError) {
      guard let stream = fdopendir(folder) else {
        close(folder)
        throw refusal("the folder '\(prefix)' cannot be read")
      }
      defer { closedir(stream) }
      while let entry = readdir(stream) {
        let bytes = withUnsafeBytes(of: entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
        guard bytes.first != UInt8(ascii: ".") else { continue }
        count += 1
        guard count <= PackageFolder.maximumEntries else {
          throw refusal("it holds more than \(PackageFolder.maximumEntries) entries")
        }
        guard let name = String(validating: bytes, as: UTF8.self) else { throw refusal("a file's name is no UTF-8") }
        let path: PackagePath
        do throws(PackageError) {
          path = try PackagePath(prefix + name)
        } catch {
          throw refusal(error.message)
        }
        try visit(path, called: name, in: dirfd(stream))
      }
    }

    private mutating func visit(_ path: PackagePath, called name: String, in folder: Int32) throws(PackageError) {
      var status = stat()
      guard fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else { throw refusal("'\(path)' is gone") }
      switch status.st_mode & S_IFMT {
      case S_IFREG: paths.append(path)
      case S_IFDIR:
        let next = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard next >= 0 else { throw refusal("the folder '\(path)' cannot be read") }
        try visit(next, below: path.description + "/")
      case S_IFLNK: throw refusal("'\(path)' is a symbolic link", "put the file itself there")
      default: throw refusal("'\(path)' is no regular file", "take it away")
      }
    }

    private func refusal(_ message: String, _ hint: String? = nil) -> PackageError {
      PackageError(.refused, place: place, message, hint: hint)
    }
  }
}
