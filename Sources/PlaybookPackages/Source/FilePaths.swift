internal import Foundation

/// Paths as they were typed, and as they are seen from elsewhere.
enum FilePaths {
  static func absolute(_ path: String, in folder: String) -> String {
    path.hasPrefix("/") ? path : URL(filePath: folder + "/" + path).standardizedFileURL.path
  }

  /// A path typed in one folder, as it is written where it is seen from another.
  static func path(_ path: String, typedIn folder: String, seenFrom other: String) -> String {
    guard !path.hasPrefix("/"), folder != other else { return path }
    let whole = absolute(path, in: folder)
    return whole.hasPrefix(other + "/") ? "." + whole.dropFirst(other.count) : whole
  }
}

extension PackageSource {
  /// The same source, its path as it is seen from another folder than the one that it was typed in.
  public func seen(from folder: String, typedIn other: String) -> PackageSource {
    switch location {
    case .folder(let path): PackageSource(.folder(FilePaths.path(path, typedIn: other, seenFrom: folder)))
    case .archive(let path): PackageSource(.archive(FilePaths.path(path, typedIn: other, seenFrom: folder)))
    case .web, .git: self
    }
  }
}

extension Package {
  /// Reads the package of a folder.
  ///
  /// - Parameters:
  ///   - folder: as it was typed.
  ///   - base: where it was typed.
  /// - Throws: ``PackageError``.
  public static func read(folder: String, from base: String) async throws -> Package {
    try await Package(try PackageFolder(FilePaths.absolute(folder, in: base)), place: folder)
  }

  /// Reads the package of a folder or an archive of this machine.
  ///
  /// - Throws: ``PackageError``: of kind `usage` for any other source.
  public static func read(_ source: PackageSource, from base: String) async throws -> Package {
    switch source.location {
    case .folder(let path): return try await read(folder: path, from: base)
    case .archive(let path): return try await PackageArchive.read(file: FilePaths.absolute(path, in: base))
    case .web, .git:
      throw PackageError(.usage, "'\(source)' is not on this machine", hint: "name a folder or an archive")
    }
  }
}
