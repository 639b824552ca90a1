internal import GatewayAPI

/// Which files belong to a package: `*.lua`, `lib/**/*.lua`, `README.md`.
///
/// `*` and `?` stand for characters of one part of a path, `**` for any folders. A file that begins with a dot, or lies
/// in such a folder, never matches.
struct FilePattern: Sendable, Hashable {
  /// Longest pattern, in bytes.
  static let maximumLength = 200

  /// One part of it; nil for any folders.
  private let parts: [Glob?]

  /// - Throws: ``PackageError`` of kind `usage`.
  init(_ text: String) throws(PackageError) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    let isPlain = text.utf8.count <= Self.maximumLength && !text.hasInvisibleCharacters && !text.contains("\\")
    guard isPlain, !parts.contains(where: { $0.isEmpty || $0.hasPrefix(".") }) else {
      throw PackageError(
        .usage, "'\(text.shownName)' is no pattern of files",
        hint:
          "write *.lua, lib/**/*.lua or README.md, below the package's folder and without names that begin with a dot"
      )
    }
    self.parts = parts.map { $0 == "**" ? nil : Glob(String($0)) }
  }

  func matches(_ path: PackagePath) -> Bool {
    guard !path.isHidden else { return false }
    return RunMatching.matches(path.parts, parts, isAnyRun: { $0 == nil }) { part, glob in
      glob?.matches(part) ?? false
    }
  }
}
