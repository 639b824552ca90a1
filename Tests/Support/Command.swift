public import Foundation
public import Subprocess
import SystemPackage

/// The command's binary, run as a user runs it: in a folder of its own, with an environment of its own.
public struct Command: Sendable {
  public struct Result: Sendable {
    public let status: Int32
    public let output: String
    public let messages: String
  }

  /// Working folder, and home of all that the command keeps.
  public let folder: URL
  public var variables: [String: String] = [:]

  public init(in folder: URL) { self.folder = folder }

  /// Where the build put the product, beside the tests.
  public static var binary: String {
    let tests = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
    return Bundle.allBundles.map(\.bundleURL).map { $0.deletingLastPathComponent() }.map {
      $0.appending(path: "apig-lua").path
    }
    .first(where: FileManager.default.isExecutableFile(atPath:)) ?? tests.appending(path: "apig-lua").path
  }

  /// Runs the command to its end.
  public func callAsFunction(_ arguments: String..., input: String = "") async throws -> Result {
    try await run(arguments, input: input)
  }

  public func run(_ arguments: [String], input: String = "") async throws -> Result {
    let result = try await Subprocess.run(
      .path(FilePath(Self.binary)), arguments: Arguments(arguments), environment: .custom(environment),
      workingDirectory: FilePath(folder.path),
      input: .fileDescriptor(try Self.file(holding: input), closeAfterSpawningProcess: true),
      output: .string(limit: 4 << 20), error: .string(limit: 4 << 20))
    guard case .exited(let status) = result.terminationStatus else {
      return Result(status: -1, output: result.standardOutput, messages: "\(result.terminationStatus)")
    }
    return Result(status: status, output: result.standardOutput, messages: result.standardError)
  }

  /// A file without a name: unlike a pipe, it does not mind that the command ends before it has read it.
  private static func file(holding text: String) throws -> FileDescriptor {
    let path = FilePath(FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path)
    let file = try FileDescriptor.open(
      path, .readWrite, options: [.create, .exclusiveCreate], permissions: .ownerReadWrite)
    try FileManager.default.removeItem(atPath: path.string)
    try file.writeAll(text.utf8)
    try file.seek(offset: 0, from: .start)
    return file
  }

  /// What the command finds in its environment: nothing of the tester's own.
  public var environment: [Subprocess.Environment.Key: String] {
    var environment: [Subprocess.Environment.Key: String] = [
      "HOME": folder.path, "XDG_DATA_HOME": folder.appending(path: "data").path, "LANG": "C.UTF-8", "USER": "tester",
      "APIG_NO_METADATA": "1",
    ]
    for (name, value) in variables { environment[Subprocess.Environment.Key(stringLiteral: name)] = value }
    return environment
  }

  /// Writes a file into the folder.
  ///
  /// - Returns: its name.
  @discardableResult
  public func write(_ text: String, to name: String) throws -> String {
    try text.write(to: folder.appending(path: name), atomically: true, encoding: .utf8)
    return name
  }

  /// Removes a file from the folder.
  public func remove(_ name: String) throws { try FileManager.default.removeItem(at: folder.appending(path: name)) }

  /// Writes an `apig.yaml` whose default gateway is at an endpoint.
  ///
  /// - Parameter lines: more of the gateway's settings.
  public func configure(endpoint: String, product: String = "apigw", lines: String...) throws {
    try write(
      """
      default_gateway: test
      gateways:
        test:
          endpoint: \(endpoint)
          project_id: 73d69ae0cfcf460190522d06b60f05ad
          instance: eddc4d25480b4cd6b512f270a1b8b341
          product: \(product)
      \(lines.map { "    " + $0 }.joined(separator: "\n"))
      """, to: "apig.yaml")
  }
}
