public import Foundation
import Subprocess
import SystemPackage

/// Programs of the host, for what tests need that the product does not do.
public enum Programs {
  struct Failed: Error { let messages: String }

  /// Runs a program with a home of its own.
  ///
  /// - Returns: what it wrote, without the line's end.
  @discardableResult
  public static func run(
    _ program: String, _ arguments: [String], in folder: URL, input: [UInt8] = []
  ) async throws -> String {
    let result = try await Subprocess.run(
      .name(program), arguments: Arguments(arguments),
      environment: .inherit.updating([
        "HOME": folder.path, "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null", "LC_ALL": "C",
      ]), workingDirectory: FilePath(folder.path), input: .array(input), output: .string(limit: 16 << 20),
      error: .string(limit: 1 << 20))
    guard result.terminationStatus.isSuccess else { throw Failed(messages: result.standardError) }
    return result.standardOutput.trimmingCharacters(in: .newlines)
  }

  /// `gzip`, as whoever makes an archive by hand uses it.
  public static func gzip(_ bytes: [UInt8], in folder: URL) async throws -> [UInt8] {
    let file = folder.appending(path: UUID().uuidString)
    try Data(bytes).write(to: file)
    try await run("gzip", ["-9", "--no-name", file.path], in: folder)
    return Array(try Data(contentsOf: file.appendingPathExtension("gz")))
  }
}
