public import Foundation

/// A real repository on disk, with what a package's author does to it.
public struct GitServer: Sendable {
  public let folder: URL

  public var source: String { "git+file://" + folder.path }

  public init(in folder: URL) async throws {
    self.folder = folder
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try await git("init", "-q", "-b", "main")
  }

  @discardableResult
  public func git(_ arguments: String...) async throws -> String {
    try await Programs.run(
      "git",
      ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "protocol.file.allow=always"] + arguments,
      in: folder)
  }

  /// Commits everything as it lies there.
  ///
  /// - Returns: the commit.
  @discardableResult
  public func commit() async throws -> String {
    try await git("add", "-A")
    try await git("commit", "-q", "--allow-empty", "-m", "state")
    return try await git("rev-parse", "HEAD")
  }

  /// Publishes a version of a package.
  @discardableResult
  public func publish(
    _ name: String = "acme/rotate", version: String, lines: [String] = [], code: String = "return { n = 1 }"
  ) async throws -> String {
    try PackageFiles.writePackage(name, version: version, lines: lines, code: code, to: folder)
    let commit = try await commit()
    try await git("tag", "v\(version)")
    return commit
  }
}
