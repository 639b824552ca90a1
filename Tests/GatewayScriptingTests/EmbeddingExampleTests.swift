import Foundation
import GatewayAPI
import GatewayClient
import GatewayTestSupport
import LuaRuntime
import ReleaseEngine
import RunJournal
import SQLiteJournal
import Testing

/// What the guide says of embedding is compiled and run.
@Suite(.timeLimit(.minutes(5))) struct EmbeddingExampleTests {
  private static let playbook = LuaChunk(
    name: "nightly.lua",
    source: """
      local p = apig.params { env = { type = "env", default = "TEST" } }
      return apig.publish { api = "pay-create", env = p.env }.api_name
      """)

  private static let failing = LuaChunk(
    name: "failing.lua",
    source: """
      apig.publish { api = "pay-create", env = "TEST" }
      error "the probe failed"
      """)

  /// - Parameter body: gets the gateway, and a journal that is empty.
  private static func withGateway(
    _ body: @escaping @Sendable (GatewayClientConfiguration, SQLiteJournal) async throws -> Void
  ) async throws {
    try await withTemporaryFolder { folder in
      let journal = try SQLiteJournal(path: folder.appending(path: "journal.db").path)
      try await withTestGateway { try await body($0, journal) }
      try journal.close()
    }
  }

  @Test func thePlaybookIsReleased() async throws {
    try await Self.withGateway { gateway, journal in
      let (value, changes) = try await release(Self.playbook, [("env", "TEST")], on: gateway, journal: journal)
      #expect(value == "pay-create" && changes.map(\.state) == [.changed])
      let runs = try await journal.runs(limit: 9)
      #expect(runs.map(\.state) == [.finished] && runs.first?.command == "nightly.lua")
      let leases = try await journal.leases()
      #expect(leases.isEmpty)
    }
  }

  @Test func aPlaybookThatFailsIsUndone() async throws {
    try await Self.withGateway { gateway, journal in
      let error = await #expect(throws: LuaError.self) {
        _ = try await release(Self.failing, [], on: gateway, journal: journal)
      }
      #expect(error?.message.contains("the probe failed") == true)
      let runs = try await journal.runs(limit: 9)
      #expect(runs.map(\.state) == [.rolledBack])
    }
  }

  @Test func anEnvironmentThatIsNotItsOwnIsRefused() async throws {
    try await Self.withGateway { gateway, journal in
      let error = await #expect(throws: LuaError.self) {
        _ = try await release(Self.playbook, [("env", "RELEASE")], on: gateway, journal: journal)
      }
      #expect((error?.underlying as? GatewayError)?.kind == .refused)
    }
  }

  @Test func anOperationNeedsNoLua() async throws {
    try await ScriptHarness.with { harness in
      let publication = try await publish("pay-create", to: "TEST", on: harness.run)
      let id = try #require(publication.versionID)
      let changes = await harness.run.changes.apis
      #expect(changes.map(\.after.id) == [id])
      let change = try #require(changes.first)
      let running = try await effectiveVersion(
        of: change.apiID, in: try #require(change.environmentID), on: harness.client)
      #expect(running?.versionID == id)
    }
  }

  @Test(arguments: ["ApigLuaCommand/ApigLuaCommand.docc/Embedding.md", "GatewayAPI/GatewayAPI.docc/GatewayAPI.md"])
  func theArticlesShowTheCompiledFile(_ article: String) throws {
    let tests = URL(filePath: #filePath).deletingLastPathComponent()
    let text = try String(contentsOf: tests.appending(path: "../../Sources/\(article)"), encoding: .utf8)
    let example = try String(contentsOf: tests.appending(path: "EmbeddingExample.swift"), encoding: .utf8)
    let blocks = text.split(separator: "```swift\n").dropFirst().compactMap { $0.split(separator: "```").first }
    // What a package's manifest says is no part of a program.
    let tried = blocks.filter { !$0.contains(".package(") }
    #expect(!tried.isEmpty)
    for block in tried { #expect(example.contains(block), "nobody compiles\n\(block)") }
  }
}
