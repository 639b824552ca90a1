import Foundation
import GatewayAPI
import GatewayTestSupport
import Subprocess
import SystemPackage
import Testing

/// What `--output json` writes of a run is what `doc --schema result` says.
@Suite(.timeLimit(.minutes(5))) struct ResultSchemaTests {
  private static let python = ProcessInfo.processInfo.environment["APIG_LUA_SDK_PYTHON"]
  private static let script = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "ResultSchema/validate_results.py").path

  /// Results of runs that end in every way there is, by file name.
  private static func results(_ command: Command) async throws -> [String: Command.Result] {
    var results: [String: Command.Result] = [:]
    func run(_ name: String, _ arguments: String...) async throws {
      let result = try await command.run(["--output", "json"] + arguments)
      results[name] = result
      try command.write(result.output, to: name + ".json")
    }
    try await run("unchanged", "-e", "print 'x' return { 1, 'two' }")
    try await run("changed", "api", "publish", "pay-create", "--env", "TEST")
    try await run("rollback", "rollback", "last")
    try await run("partly", "-e", "apig.offline { apis = { 'pay-create', 'pay-webhook' }, env = 'STAGING' }")
    try await run(
      "undone", "-e",
      "apig.with_rollback(function() apig.publish { api = 'pay-refund', env = 'RELEASE' } error('no') end)")
    try await run("refused", "--deny", "publish:TEST", "-e", "apig.publish { api = 'pay-refund', env = 'TEST' }")
    try await run("limit", "--max-calls", "0", "-e", "apig.envs {}")
    try await run("other", "-e", "apig.create_env { name = 'EXTRA' }")
    try await run("differences", "-e", "apig.exit('differences')")
    _ = try await command("api", "publish", "pay-quote", "--env", "TEST", "-n", "--out", "it.plan")
    _ = try await command("api", "publish", "pay-quote", "--env", "TEST")
    try await run("stale", "apply", "it.plan")
    return results
  }

  @Test func everyMemberThatIsWrittenIsDescribed() async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      let schema = try Document(json: try await command("doc", "--schema", "result").output)
      let results = try await Self.results(command)
      let statuses = results.mapValues(\.status)
      #expect(
        statuses == [
          "unchanged": 0, "changed": 0, "rollback": 0, "partly": 3, "undone": 4, "refused": 6, "limit": 1, "other": 0,
          "differences": 2, "stale": 8,
        ])
      for (name, result) in results {
        let document = try Document(json: result.output)
        #expect(document["exit"]?.integerValue == Int(result.status))
        Self.compare(document, schema["properties"], name)
        for api in document["apis"]?.arrayValue ?? [] {
          Self.compare(api, schema["$defs"]?["api"]?["properties"], name)
        }
        if let error = document["error"], error != .null {
          Self.compare(error, schema["$defs"]?["failure"]?["properties"], name)
        }
      }
    }
  }

  private static func compare(_ document: Document, _ properties: Document?, _ name: String) {
    let described = Set(properties?.objectValue?.keys.map(\.self) ?? [])
    let written = Set(document.objectValue?.keys.map(\.self) ?? [])
    #expect(!described.isEmpty && written.isSubset(of: described), "\(name): \(written.subtracting(described))")
  }

  @Test(.enabled(if: python != nil, "scripts/test installs the validator and names its Python in APIG_LUA_SDK_PYTHON"))
  func theyAreValidForAnIndependentValidator() async throws {
    let python = try #require(Self.python)
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      try command.write(try await command("doc", "--schema", "result").output, to: "schema.json")
      let names = try await Self.results(command).keys.map { $0 + ".json" }
      func validate(_ names: [String]) async throws -> (isValid: Bool, messages: String) {
        let result = try await Subprocess.run(
          .path(FilePath(python)), arguments: Arguments([Self.script, "schema.json"] + names),
          workingDirectory: FilePath(folder.path), output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
        return (result.terminationStatus.isSuccess, result.standardError)
      }
      let valid = try await validate(names)
      #expect(valid.isValid, "\(valid.messages)")
      // A validator that lets everything pass would prove nothing.
      try command.write("{\"schema\":1,\"outcome\":\"fine\",\"exit\":0}", to: "bad.json")
      #expect(try await !validate(["bad.json"]).isValid)
    }
  }
}
