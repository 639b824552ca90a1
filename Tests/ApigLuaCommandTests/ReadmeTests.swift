import Foundation
import GatewayAPI
import GatewayTestSupport
import Testing

/// The README says what is so.
@Suite struct ReadmeTests {
  private static let text =
    (try? String(
      contentsOf: URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../README.md"),
      encoding: .utf8)) ?? ""

  @Test(arguments: ["publish", "offline", "batch", "switch_version", "history", "export"])
  func anOperationIsDescribedInItsDeclarationsWords(_ name: String) throws {
    let operation = try #require(OperationCatalog.all.first { $0.descriptor.name == name })
    let row = try #require(Self.text.split(separator: "\n").first { $0.hasPrefix("| `apig.\(name) {") })
    #expect(row.hasSuffix("| \(operation.descriptor.summary) |"))
  }

  @Test func itsPlaybookRuns() async throws {
    let start = try #require(Self.text.firstRange(of: "```lua\n"))
    let script = try #require(Self.text[start.upperBound...].split(separator: "```").first)
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      try command.write(String(script), to: "release.lua")
      let run = try await command("release.lua", "--group", "payments")
      #expect(run.output == "{\"published\":3}\n", "\(run.messages)")

      let mistake = String(script).replacing("env = p.env, remark", with: "enviroment = p.env, remark")
      try command.write(mistake, to: "release.lua")
      _ = try await command("local", "reset")
      let mistaken = try await command("release.lua", "--group", "payments")
      #expect(mistaken.messages.contains("✘ release.lua:11: unknown option 'enviroment' to 'publish'"))
      #expect(mistaken.messages.contains("did you mean 'env'?"))
    }
  }

  @Test func itsConfigurationIsAccepted() async throws {
    let start = try #require(Self.text.firstRange(of: "default_gateway:"))
    let yaml = try #require(Self.text[start.lowerBound...].split(separator: "```").first)
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      try command.write(String(yaml), to: "apig.yaml")
      // It gets as far as the credential, which the environment does not hold.
      #expect(try await command("-e", "apig.envs {}").status == 77)
    }
  }
}
