import Foundation
import GatewayTestSupport
import Testing

/// Parameters that a script declares as secret: kept nowhere, shown nowhere, given again to go on.
@Suite(.timeLimit(.minutes(5))) struct SecretParameterTests {
  private static let script = """
    local p = apig.params {
      token = { type = "string", secret = true }, group = { type = "string", default = "payments" },
    }
    apig.publish { group = p.group, env = "RELEASE" }
    print(p.token, ...)
    """

  private func withKilledRun(
    _ words: [String], _ body: @escaping @Sendable (Command) async throws -> Void
  ) async throws {
    try await withTemporaryFolder { folder in
      var command = Command(in: folder)
      try command.write(Self.script, to: "weekly.lua")
      command.variables["APIG_LUA_CRASH_AFTER_ENTRY"] = "3"
      let killed = try await command.run(["weekly.lua"] + words)
      #expect(killed.status == -1, "\(killed.status) \(killed.messages)")
      command.variables["APIG_LUA_CRASH_AFTER_ENTRY"] = nil
      try await body(command)
    }
  }

  @Test(arguments: [
    ["--token", "hush-hush-77"], ["--token=hush-hush-77"],
  ])
  func noFileAndNoMessageHoldsThem(_ words: [String]) async throws {
    try await withKilledRun(words) { command in
      for words in [
        ["status", "last"], ["journal", "list"], ["journal", "show", "last"], ["journal", "export", "last"],
        ["lock", "list"],
      ] {
        let told = try await command.run(words)
        #expect(told.status == 0, "\(words) \(told.messages)")
        #expect(!(told.output + told.messages).contains("hush-hush"), "\(words) \(told.output)")
      }
      let list = try await command("journal", "list")
      #expect(list.output.contains("‹secret token›"), "\(list.output)")
      let held = try await command("-e", "apig.publish { group = 'payments', env = 'RELEASE' }")
      #expect(held.status == 7 && held.messages.contains("‹secret token›"), "\(held.messages)")
      let found = try search(command.folder, for: "hush-hush")
      #expect(found.holding.isEmpty && found.count > 0, "\(found)")
    }
  }

  /// Nobody knows which of its parameters it would have called secret.
  @Test(arguments: ["error 'too early'", "local p = ", "require 'no.such.module'"])
  func aScriptThatFailsBeforeItsDeclarationsLeavesNothingOfThem(_ first: String) async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      try command.write(first + "\n" + Self.script, to: "weekly.lua")
      let run = try await command(
        "-vv", "--report", "markdown=report.md", "-p", "token=hush-hush-77", "weekly.lua", "--x=hush-hush-78")
      #expect(run.status == 1 && !(run.output + run.messages).contains("hush-hush"), "\(run.output) \(run.messages)")
      let list = try await command("journal", "list")
      #expect(!list.output.contains("hush-hush"), "\(list.output)")
      let found = try search(folder, for: "hush-hush")
      #expect(found.holding.isEmpty && found.count > 1, "\(found)")
    }
  }

  @Test func aRunGoesOnWithTheSameSecretOnly() async throws {
    try await withKilledRun(["--token", "hush-hush-77", "--group", "payments"]) { command in
      let without = try await command("resume", "last")
      #expect(without.status == 64 && without.messages.contains("-p token=…"), "\(without.messages)")
      let other = try await command("resume", "-p", "token=hush-hush-78", "last")
      #expect(other.status == 64 && other.messages.contains("is another one"), "\(other.messages)")
      let unknown = try await command("resume", "-p", "group=orders", "last")
      #expect(unknown.status == 64 && unknown.messages.contains("is no secret parameter"), "\(unknown.messages)")
      let resumed = try await command("resume", "-p", "token=hush-hush-77", "last")
      #expect(resumed.status == 0, "\(resumed.messages)")
      #expect(resumed.output == "‹secret token›\t--token\t‹secret token›\t--group\tpayments\n", "\(resumed.output)")
    }
  }

  @Test func aURLIsShownAndKeptWithoutItsSecrets() async throws {
    try await withTemporaryFolder { folder in
      try await withScriptedServer(answer: { _ in .json(200, "{}") }) { server in
        var command = Command(in: folder)
        command.variables["APIG_SECRET_KEY"] = "hush-hush-77"
        let flags = ["--allow", "http:\(server.url)", "--allow", "secret:key"]
        let kept = try await command.run(
          flags + ["-e", "return apig.http.get { url = '\(server.url)/x?key=hush' .. '-hush-77' }.status"])
        #expect(kept.status == 0, "\(kept.messages)")
        #expect(server.requests.first?.target == "/x?key=hush-hush-77", "\(server.requests)")
        let probed = try await command.run(
          flags + ["-e", "apig.health.http { url = '\(server.url)/x?key=hush' .. '-hush-77', samples = 1 }"])
        #expect(probed.status == 0 && !probed.messages.contains("hush-hush"), "\(probed.messages)")
        let planned = try await command.run(
          ["plan"] + flags + [
            "-e", "apig.health.http { url = '\(server.url)/x?key=hush' .. '-hush-77' } apig.envs {}",
          ])
        #expect(!(planned.output + planned.messages).contains("hush-hush"), "\(planned.output)")
        for url in ["https://me:hush-hush-77@h.example/x", "me:hush/hush-hush-77@h.example/x"] {
          let refused = try await command("-e", "apig.http.get { url = '\(url)' }")
          #expect(refused.messages.contains("is no URL"), "\(refused.messages)")
          #expect(refused.messages.contains("…@h.example/x"), "\(refused.messages)")
        }
        for options in ["query = { key = apig.secret 'key' }", "url = '\(server.url)/' .. apig.secret 'key'"] {
          let refused = try await command.run(
            flags + ["-e", "apig.http.get { url = '\(server.url)/x', \(options) }"])
          #expect(refused.messages.contains("secrets go into 'headers' or the body"), "\(refused.messages)")
        }
        let export = try await command("journal", "export", "last")
        #expect(!export.output.contains("hush-hush"))
        let found = try search(folder, for: "key=hush-")
        #expect(found.holding.isEmpty && found.count > 0, "\(found)")
      }
    }
  }

  @Test func theGatewayItselfNeedsNoGrant() async throws {
    try await withTemporaryFolder { folder in
      try await withLocalServer(in: folder, options: ["--data", ":memory:"]) { url in
        var command = Command(in: folder)
        command.variables["APIG_TOKEN"] = "local-token"
        try command.write(
          "default_gateway: prod\ngateways:\n  prod: { endpoint: \(url), project_id: p, instance: local }\n",
          to: "apig.yaml")
        let script = "return apig.http.get { url = '\(url)/' }.status"
        let own = try await command("-e", script)
        #expect(own.status == 0, "\(own.messages)")
        let denied = try await command("--deny", "http:*", "-e", script)
        #expect(denied.status == 6, "\(denied.messages)")
      }
    }
  }
}
