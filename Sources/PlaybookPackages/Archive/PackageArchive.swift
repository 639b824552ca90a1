/// A package as one file: a `.tar.gz` whose bytes are the same whoever makes it, wherever and whenever.
public enum PackageArchive {
  /// Largest archive, in bytes.
  public static let maximumSize = 16 << 20
  /// The most that one may unpack to, in bytes.
  static let maximumUnpackedSize = 32 << 20
  /// The folder that all files lie in, as in other archives of packages.
  private static let folder = "package/"

  /// The archive's name: `acme-rotate-2.1.0.tar.gz`.
  public static func fileName(of package: Package) -> String {
    "\(package.name.fileName)-\(package.version).tar.gz"
  }

  /// The archive's bytes: files sorted by name, no times, no owners; the signature with them if there is one.
  public static func pack(_ package: Package) -> [UInt8] {
    var contents = package.tree.files.map { (name: $0.name, content: $0.content) }
    if let signature = package.signature { contents.append((PackageSignature.fileName, signature)) }
    var tar: [UInt8] = []
    for file in contents.sorted(by: { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }) {
      tar += TarHeader.block(of: folder + file.name, size: file.content.count)
      tar += file.content
      tar += [UInt8](repeating: 0, count: (TarHeader.blockSize - tar.count % TarHeader.blockSize) % TarHeader.blockSize)
    }
    tar += [UInt8](repeating: 0, count: 2 * TarHeader.blockSize)
    return Gzip.pack(tar)
  }

  /// Reads an archive; nothing is written anywhere.
  ///
  /// - Parameter place: its name, for messages.
  /// - Throws: ``PackageError``: of kind `refused` for what no honest archive holds, `malformed` for one that is no
  ///   package.
  public static func read(_ bytes: [UInt8], place: String) async throws -> Package {
    do {
      guard bytes.count <= maximumSize else {
        throw PackageError(.refused, "it is larger than \(maximumSize >> 20) MiB")
      }
      let files = try TarReader.files(in: try Gzip.unpack(bytes, limit: maximumUnpackedSize))
      return try await Package(Contents(try withoutCommonFolder(files)), place: place)
    } catch var error as PackageError {
      error.place = error.place ?? place
      throw error
    }
  }

  /// Reads the archive of a file.
  ///
  /// - Throws: as ``read(_:place:)``, and ``PackageError`` of kind `usage` for a file that cannot be read.
  public static func read(file: String) async throws -> Package {
    let bytes: [UInt8]
    do throws(FileReading.Failure) {
      bytes = try FileReading.read(file, limit: maximumSize)
    } catch {
      throw PackageError(.usage, place: file, "the archive \(error.reason)")
    }
    return try await read(bytes, place: file)
  }

  /// The names below the one folder that all are in, whatever it is called.
  private static func withoutCommonFolder(
    _ files: [(path: PackagePath, content: [UInt8])]
  ) throws(PackageError) -> [(path: PackagePath, content: [UInt8])] {
    let folders = Set(files.map { $0.path.parts.count > 1 ? $0.path.parts[0] : "" })
    guard folders.count == 1, let folder = folders.first, !folder.isEmpty else { return files }
    var renamed: [(path: PackagePath, content: [UInt8])] = []
    for file in files {
      renamed.append((try PackagePath(file.path.parts.dropFirst().joined(separator: "/")), file.content))
    }
    return renamed
  }

  private struct Contents: PackageContents {
    let paths: [PackagePath]
    private let contents: [PackagePath: [UInt8]]

    init(_ files: [(path: PackagePath, content: [UInt8])]) {
      paths = files.map(\.path)
      contents = Dictionary(files.map { ($0.path, $0.content) }) { first, _ in first }
    }

    func read(_ paths: [PackagePath]) async throws -> [[UInt8]] { paths.map { contents[$0] ?? [] } }
  }
}
