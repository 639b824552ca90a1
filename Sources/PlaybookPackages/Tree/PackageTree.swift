internal import Crypto

/// The files that a package is made of, and the digest that stands for them.
public struct PackageTree: Sendable, Hashable {
  /// The most files.
  static let maximumCount = 1000
  /// Largest file, in bytes: as that of a script.
  static let maximumFileSize = 1 << 20
  /// All files together, in bytes.
  static let maximumSize = 8 << 20

  public struct File: Sendable, Hashable {
    public var name: String { path.description }
    public let content: [UInt8]
    let path: PackagePath
  }

  /// Sorted by name.
  public let files: [File]
  /// The SHA-256 of the canonical form, as 64 hexadecimal digits.
  ///
  /// The form is the line `apig-lua package tree 1` and, for each file in the order of the bytes of its name, the name
  /// and the content, each as a netstring: its length in decimal digits, a colon, the bytes, a comma. Times, owners and
  /// modes count for nothing.
  public let digest: String

  /// - Throws: ``PackageError`` of kind `refused` for too many or too large files, and for names that some file systems
  ///   take for one.
  init(_ files: [(path: PackagePath, content: [UInt8])]) throws(PackageError) {
    let sorted = files.map { File(content: $0.content, path: $0.path) }.sorted { $0.path < $1.path }
    try Self.check(sorted)
    self.files = sorted
    digest = Self.digest(of: sorted)
  }

  /// A file by its name.
  public subscript(name: String) -> [UInt8]? { files.first { $0.name == name }?.content }

  private static func check(_ files: [File]) throws(PackageError) {
    guard files.count <= maximumCount else {
      throw PackageError(.refused, "it has \(files.count) files, more than \(maximumCount)")
    }
    var size = 0
    for file in files {
      guard file.content.count <= maximumFileSize else {
        throw PackageError(.refused, "\(file.name) is larger than \(maximumFileSize >> 20) MiB")
      }
      size += file.content.count
      guard size <= maximumSize else {
        throw PackageError(.refused, "its files are together larger than \(maximumSize >> 20) MiB")
      }
    }
    try NameCollisions.check(files.map(\.path))
    for file in files {
      if let reason = file.path.reasonAgainstSharing {
        throw PackageError(.refused, "a file cannot be called '\(file.name)': \(reason)")
      }
    }
  }

  private static func digest(of files: [File]) -> String {
    var hash = SHA256()
    hash.update(data: Array("apig-lua package tree 1\n".utf8))
    for file in files {
      for bytes in [Array(file.name.utf8), file.content] {
        hash.update(data: Array("\(bytes.count):".utf8))
        hash.update(data: bytes)
        hash.update(data: [UInt8(ascii: ",")])
      }
    }
    return hash.finalize().hexadecimal
  }
}

extension Sequence<UInt8> {
  var hexadecimal: String {
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }
}
