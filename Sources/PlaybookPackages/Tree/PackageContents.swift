/// A package as it was read: all of it is in memory, and nothing of it can change behind its digest.
public struct Package: Sendable, Hashable {
  public let manifest: PackageManifest
  public let tree: PackageTree
  /// The content of `package.sig`; nil where there is none.
  public let signature: [UInt8]?

  public var name: PackageName { manifest.name }
  public var version: SemanticVersion { manifest.version }

  /// What `require` gives for a name below the package's own.
  ///
  /// - Parameter module: `acme.rotate` for `init.lua`, `acme.rotate.waves` for `waves.lua` or `waves/init.lua`.
  /// - Returns: the file's name and its content; nil when the package has no such module.
  public func module(_ module: String) -> (file: String, content: [UInt8])? {
    let candidates: [String]
    if module == name.module {
      candidates = ["init.lua"]
    } else {
      guard module.hasPrefix(name.module + ".") else { return nil }
      let path = module.dropFirst(name.module.count + 1).replacing(".", with: "/")
      candidates = ["\(path).lua", "\(path)/init.lua"]
    }
    for file in candidates {
      if let content = tree[file] { return (file, content) }
    }
    return nil
  }
}

/// What a package is read from: names first, then the content of those that are wanted.
protocol PackageContents {
  /// Every file that is there, hidden ones too.
  var paths: [PackagePath] { get }

  /// The contents of files that are there, in the order of the names.
  func read(_ paths: [PackagePath]) async throws -> [[UInt8]]
}

extension Package {
  /// Reads the manifest, then the files that it counts to the package.
  ///
  /// - Parameter place: where they are, for messages: "rotate-1.0.0.tar.gz".
  /// - Throws: ``PackageError``; what reading throws.
  init(_ contents: some PackageContents, place: String) async throws {
    do {
      guard let path = contents.paths.first(where: { $0.description == PackageManifest.fileName }),
        let text = try await contents.read([path]).first
      else {
        throw PackageError(
          .malformed, "there is no \(PackageManifest.fileName), so it is no package",
          hint: "a package has one at its top, with name and version")
      }
      let manifest = try PackageManifest(text, place: place + "/" + PackageManifest.fileName)
      var paths: [PackagePath] = []
      for path in contents.paths {
        // There may be many, and many patterns.
        try Task.checkCancellation()
        if manifest.includes(path) { paths.append(path) }
      }
      guard paths.count <= PackageTree.maximumCount else {
        throw PackageError(.refused, "it has \(paths.count) files, more than \(PackageTree.maximumCount)")
      }
      // As it was read: it may have changed since.
      let others = paths.filter { $0 != path }
      let read = Array(zip(others, try await contents.read(others)))
      let tree = try PackageTree([(path, text)] + read.map { ($0.0, $0.1) })
      try Self.check(manifest, against: tree, place: place)
      var signature: [UInt8]?
      if let path = contents.paths.first(where: { $0.description == PackageSignature.fileName }) {
        signature = try await contents.read([path]).first
      }
      self.init(manifest: manifest, tree: tree, signature: signature)
    } catch var error as PackageError {
      error.place = error.place ?? place
      throw error
    }
  }

  private static func check(
    _ manifest: PackageManifest, against tree: PackageTree, place: String
  ) throws(PackageError) {
    for (name, file) in manifest.entryPoints.sorted(by: { $0.key < $1.key }) where tree[file] == nil {
      throw PackageError(
        .malformed, place: place + "/" + PackageManifest.fileName,
        "the entry point '\(name)' is \(file), which is no file of the package",
        hint: "write it, or let 'files' take it in")
    }
  }
}
