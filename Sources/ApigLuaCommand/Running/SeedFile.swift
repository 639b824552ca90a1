internal import Foundation
internal import GatewayAPI
internal import LocalGateway

/// The file of `local seed` and `local start --seed`.
enum SeedFile {
  /// - Parameter path: `-` for standard input.
  /// - Throws: ``UsageError`` for what is no readable text; `SeedError` for what is no seed.
  static func read(_ path: String) throws -> Seed {
    let name = path == "-" ? "stdin" : path
    guard let text = String(validating: try bytes(path, name), as: UTF8.self) else {
      throw UsageError(message: "\(name) is not in UTF-8")
    }
    return try Seed(yaml: text, file: name, now: .now())
  }

  private static func bytes(_ path: String, _ name: String) throws -> Data {
    do {
      if path == "-" { return try FileHandle.standardInput.readToEnd() ?? Data() }
      return try Data(contentsOf: URL(filePath: path))
    } catch {
      throw UsageError(
        message: "\(name) cannot be read: \((error as NSError).localizedDescription)",
        hint: "name a YAML file; apig-lua local seed --help shows one")
    }
  }
}
