/// Reads a tar archive as somebody may have made it who means harm.
struct TarReader {
  /// The most entries.
  static let maximumEntries = 5000
  /// Largest comment, in bytes: it names one commit.
  private static let maximumCommentSize = 1 << 10

  /// - Returns: the files, with the names that the archive gives them.
  /// - Throws: ``PackageError`` of kind `refused`, with the reason.
  static func files(in archive: [UInt8]) throws(PackageError) -> [(path: PackagePath, content: [UInt8])] {
    var files: [(path: PackagePath, content: [UInt8])] = []
    var names: [PackagePath] = []
    var position = 0
    var count = 0
    while true {
      guard position + TarHeader.blockSize <= archive.count else {
        throw PackageError(.refused, "the archive is cut off: its end is missing")
      }
      let block = archive[position..<position + TarHeader.blockSize]
      position += TarHeader.blockSize
      if block.allSatisfy({ $0 == 0 }) { break }
      count += 1
      guard count <= maximumEntries else {
        throw PackageError(.refused, "the archive holds more than \(maximumEntries) entries")
      }
      let header = try TarHeader(block)
      guard header.size <= archive.count - position else {
        throw PackageError(.refused, "the archive is cut off in '\(header.name.shownName)'")
      }
      let content = archive[position..<position + header.size]
      position += (header.size + TarHeader.blockSize - 1) / TarHeader.blockSize * TarHeader.blockSize
      switch header.kind {
      case .globalComment: try checkComment(content)
      case .folder:
        guard header.size == 0 else {
          throw PackageError(.refused, "the folder '\(header.name.shownName)' has content")
        }
        let name = withoutOwnFolder(header.name.hasSuffix("/") ? String(header.name.dropLast()) : header.name)
        if name != "." { _ = try PackagePath(name, isBelowFolder: true) }
      case .file:
        let path = try PackagePath(withoutOwnFolder(header.name), isBelowFolder: true)
        names.append(path)
        if !path.isHidden { files.append((path, Array(content))) }
      }
    }
    guard archive[position...].allSatisfy({ $0 == 0 }) else {
      throw PackageError(.refused, "something stands behind the end of the archive")
    }
    try NameCollisions.check(names)
    return files
  }

  /// `tar -czf x.tgz .` begins every name with the folder that it was told.
  private static func withoutOwnFolder(_ name: String) -> String {
    name.hasPrefix("./") ? String(name.dropFirst(2)) : name
  }

  /// `git archive` and the hosts of repositories begin theirs with the commit, as a comment; all else that such a
  /// header can say would give files other names or sizes.
  private static func checkComment(_ content: ArraySlice<UInt8>) throws(PackageError) {
    let text = String(decoding: content.prefix(maximumCommentSize), as: UTF8.self)
    guard content.count <= maximumCommentSize, text.wholeMatch(of: /[0-9]+ comment=[0-9a-f]+\n/) != nil else {
      throw PackageError(.refused, "the archive has a pax header: only files and folders are taken")
    }
  }
}
