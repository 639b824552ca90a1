import Foundation
import GatewayTestSupport
import Subprocess
import SystemPackage
import Testing

/// openapi-spec-validator of PyPI reads what the local gateway exports, and what `doc --openapi` writes.
@Suite struct OpenAPIValidatorTests {
  private static let python = ProcessInfo.processInfo.environment["APIG_LUA_SDK_PYTHON"]
  private static let script = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "OpenAPIValidator/validate_exports.py").path

  @Test(
    .enabled(if: python != nil, "scripts/test installs the validator and names its Python in APIG_LUA_SDK_PYTHON"),
    .timeLimit(.minutes(10)))
  func everyExportIsValid() async throws {
    let python = try #require(Self.python)
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      var descriptions: [String] = []
      for product in ["apigw", "apic"] {
        let description = try await command("doc", "--openapi", "--product", product)
        #expect(description.status == 0, "\(description.messages)")
        try command.write(description.output, to: product + ".json")
        descriptions.append(folder.appending(path: product + ".json").path)
      }
      let arguments = descriptions
      let validated = try await withLocalServer(in: folder, options: ["--data", ":memory:"]) { url in
        try await Subprocess.run(
          .path(FilePath(python)), arguments: Arguments([Self.script, url] + arguments),
          output: .string(limit: 1 << 20),
          error: .string(limit: 1 << 20))
      }
      #expect(validated.terminationStatus == .exited(0), "\(validated.standardError)")
      #expect(validated.standardOutput.split(separator: "\n").count { $0.hasPrefix("valid ") } == 26)
    }
  }
}
