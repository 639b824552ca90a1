/// The files of a commit, read from its objects: no filter, no attribute and no checkout has a say in what they hold.
struct GitContents: PackageContents {
  private struct Blob {
    let object: String
    let size: Int
    /// What it is in place of a file: then a package cannot have it.
    let oddity: String?
  }

  let paths: [PackagePath]
  private let blobs: [PackagePath: Blob]
  private let place: String
  private let readObjects: (_ objects: [String], _ limit: Int) async throws -> [UInt8]

  /// - Parameters:
  ///   - listing: what `git ls-tree -r -z --long` writes.
  ///   - place: the repository, for messages.
  ///   - readObjects: what `git cat-file --batch` writes for objects.
  /// - Throws: ``PackageError`` of kind `refused` for names that no package has. Links and submodules are refused where
  ///   they are read: what a manifest leaves out may be anything.
  init(
    listing: [UInt8], place: String, readObjects: @escaping (_ objects: [String], _ limit: Int) async throws -> [UInt8]
  ) throws(PackageError) {
    self.place = place
    self.readObjects = readObjects
    var blobs: [PackagePath: Blob] = [:]
    var paths: [PackagePath] = []
    let entries = listing.split(separator: 0)
    guard entries.count <= PackageFolder.maximumEntries else {
      throw PackageError(.refused, place: place, "it holds more than \(PackageFolder.maximumEntries) files")
    }
    for entry in entries {
      // By bytes: a tab with an accent is no tab to a string.
      let halves = entry.split(separator: UInt8(ascii: "\t"), maxSplits: 1)
      let facts = halves.first?.split(separator: UInt8(ascii: " ")).map { String(decoding: $0, as: UTF8.self) } ?? []
      guard halves.count == 2, facts.count == 4 else {
        throw PackageError(.unavailable, place: place, "git's list of files cannot be read")
      }
      guard let name = String(validating: halves[1], as: UTF8.self) else {
        throw PackageError(.refused, place: place, "a file's name is no UTF-8")
      }
      // Nothing of a repository's own workings is a package's.
      if halves[1].split(separator: UInt8(ascii: "/")).contains(where: { $0.first == UInt8(ascii: ".") }) { continue }
      let path: PackagePath
      do throws(PackageError) {
        path = try PackagePath(name)
      } catch {
        throw PackageError(.refused, place: place, error.message)
      }
      let oddity: String? =
        switch facts[0] {
        case "100644", "100755": nil
        case "120000": "a symbolic link"
        case "160000": "a submodule: they are not fetched"
        default: "no regular file"
        }
      blobs[path] = Blob(object: facts[2], size: Int(facts[3]) ?? .max, oddity: oddity)
      paths.append(path)
    }
    self.blobs = blobs
    self.paths = paths
  }

  func read(_ paths: [PackagePath]) async throws -> [[UInt8]] {
    guard !paths.isEmpty else { return [] }
    let wanted = try paths.map { path in
      guard let blob = blobs[path] else { throw PackageError(.unavailable, place: place, "\(path) is not there") }
      if let oddity = blob.oddity { throw PackageError(.refused, place: place, "'\(path)' is \(oddity)") }
      guard blob.size <= PackageTree.maximumFileSize else {
        throw PackageError(.refused, place: place, "\(path) is larger than \(PackageTree.maximumFileSize >> 20) MiB")
      }
      return blob
    }
    let size = wanted.reduce(0) { $0 + $1.size }
    guard size <= PackageTree.maximumSize else {
      throw PackageError(
        .refused, place: place, "its files are together larger than \(PackageTree.maximumSize >> 20) MiB")
    }
    // A line goes before each content, and the end of one behind it.
    var rest = try await readObjects(wanted.map(\.object), size + wanted.count * 128)[...]
    return try wanted.map { blob in
      let head = rest.prefix { $0 != UInt8(ascii: "\n") }
      rest = rest.dropFirst(head.count + 1)
      guard String(decoding: head, as: UTF8.self) == "\(blob.object) blob \(blob.size)", rest.count > blob.size else {
        throw PackageError(.unavailable, place: place, "git's answer cannot be read")
      }
      defer { rest = rest.dropFirst(blob.size + 1) }
      return Array(rest.prefix(blob.size))
    }
  }
}
