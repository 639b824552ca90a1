import Foundation
import GatewayTestSupport

/// A project and the repository of a package, as the command sees them.
struct PackageProject: Sendable {
  let folder: URL
  let server: GitServer
  var command: Command

  /// A project with an `apig.yaml`, and nothing published yet.
  init(in folder: URL) async throws {
    self.folder = folder
    server = try await GitServer(in: folder.appending(path: "rotate"))
    let project = folder.appending(path: "project")
    try FileManager.default.createDirectory(at: project, withIntermediateDirectories: true)
    command = Command(in: project)
    try command.write("default_gateway: local\n", to: "apig.yaml")
  }

  func text(_ name: String) throws -> String {
    try String(contentsOf: command.folder.appending(path: name), encoding: .utf8)
  }

  func write(_ text: String, to name: String) throws {
    try PackageFiles.write([name: text], to: command.folder)
  }

  func remove(_ names: String...) throws {
    for name in names { try FileManager.default.removeItem(at: command.folder.appending(path: name)) }
  }

  func has(_ name: String) -> Bool {
    FileManager.default.fileExists(atPath: command.folder.appending(path: name).path)
  }
}

/// Runs a test with a project of its own.
func withPackageProject(_ body: (PackageProject) async throws -> Void) async throws {
  try await withTemporaryFolder { folder in try await body(try await PackageProject(in: folder)) }
}
