import Foundation
import GatewayAPI
import GatewayTestSupport
import Subprocess
import Testing

/// Questions, protected environments and permissions, as users meet them.
@Suite(.timeLimit(.minutes(5))) struct ApprovalTests {
  private static let confirm = "apig.confirm { text = 'publish 3 APIs' } print 'done'"

  /// A project whose gateway is a local one in another process, with a protected environment.
  private func withProject(
    protect: String = "confirm", environment: String = "RELEASE", more: String = "",
    _ body: @escaping @Sendable (Command, String) async throws -> Void
  ) async throws {
    try await withGatewayProject(
      lines: ["envs: { \(environment): { protect: \(protect) } }"], more: { _ in more }, body)
  }

  // MARK: - confirm

  @Test func withoutATerminalNobodyIsAsked() async throws {
    try await withTemporaryFolder { folder in
      let run = try await Command(in: folder)("-e", Self.confirm)
      #expect(run.status == 6, "\(run.messages)")
      #expect(run.output.isEmpty)
      #expect(run.messages.contains("nobody was asked: publish 3 APIs") && run.messages.contains("--yes says yes"))
    }
  }

  @Test(arguments: [["--yes"], ["-y"], []])
  func aFlagOrAVariableSaysYes(_ flags: [String]) async throws {
    try await withTemporaryFolder { folder in
      var command = Command(in: folder)
      if flags.isEmpty { command.variables["APIG_YES"] = "1" }
      let run = try await command.run(flags + ["-e", Self.confirm])
      #expect(run.status == 0 && run.output == "done\n", "\(run.messages)")
    }
  }

  @Test(arguments: [
    ("y", true), ("yes", true), ("Y", true), ("n", false), ("", false), ("no", false),
  ])
  func aTerminalIsAsked(_ answer: String, _ goesOn: Bool) async throws {
    try await withTemporaryFolder { folder in
      let run = try await Command(in: folder).onTerminal(
        ["-e", Self.confirm], typing: [.init("Go on? [y/N] ", answer)])
      #expect(run.status == .exited(goesOn ? 0 : 6), "\(run.screen)")
      #expect(run.screen.contains("publish 3 APIs"))
      // The script itself is shown with the error.
      #expect(run.screen.contains("\ndone\n") == goesOn)
    }
  }

  @Test func aQuestionThatComesMeanwhileGoesFirstAndThenTheOtherIsShownAgain() async throws {
    try await withTemporaryFolder { folder in
      let run = try await Command(in: folder).onTerminal(
        ["-e", Self.confirm],
        typing: [
          .init("Go on? [y/N] ", sending: .interrupt), .init("[c]ontinue: ", "c"),
          .init("Go on? [y/N] ", sending: .interrupt), .init("[c]ontinue: ", "c"), .init("Go on? [y/N] ", "y"),
        ])
      #expect(run.status == .exited(0) && run.screen.contains("\ndone\n"), "\(run.screen)")
    }
  }

  @Test func aStopTakesBackTheQuestionThatWaits() async throws {
    try await withTemporaryFolder { folder in
      let run = try await Command(in: folder).onTerminal(
        ["-e", Self.confirm],
        typing: [.init("Go on? [y/N] ", sending: .interrupt), .init("[c]ontinue: ", "k")])
      #expect(run.status == .exited(130), "\(run.screen)")
    }
  }

  @Test func whatIsNoAnswerIsAskedAgain() async throws {
    try await withTemporaryFolder { folder in
      let run = try await Command(in: folder).onTerminal(
        ["-e", "apig.confirm { text = 'go', default = true } print 'done'"],
        typing: [.init("[Y/n] ", "perhaps"), .init("[Y/n] ", "")])
      #expect(run.status == .exited(0) && run.screen.contains("done"), "\(run.screen)")
    }
  }

  @Test(arguments: [["--no-input"], []])
  func aTerminalIsNotAskedWhenThatIsForbidden(_ flags: [String]) async throws {
    try await withTemporaryFolder { folder in
      var command = Command(in: folder)
      if flags.isEmpty { command.variables["APIG_NO_INPUT"] = "1" }
      let run = try await command.onTerminal(flags + ["-e", Self.confirm])
      #expect(run.status == .exited(6), "\(run.screen)")
      #expect(run.screen.contains("--no-input or APIG_NO_INPUT forbids asking"))
    }
  }

  // MARK: - Protected environments

  private static let publish = "apig.publish { group = 'payments', env = 'RELEASE' } return 'published'"

  @Test func theFirstChangeOfAProtectedEnvironmentIsRefusedWithoutAYes() async throws {
    try await withProject { command, _ in
      let refused = try await command("-e", Self.publish)
      #expect(refused.status == 6, "\(refused.messages)")
      #expect(refused.messages.contains("RELEASE of prod, which is protected: publish 8 APIs"))
      let elsewhere = try await command("-e", Self.publish.replacing("RELEASE", with: "TEST"))
      #expect(elsewhere.status == 0, "\(elsewhere.messages)")
      let confirmed = try await command("--yes", "-e", Self.publish)
      #expect(confirmed.status == 0 && confirmed.output == "published\n", "\(confirmed.messages)")
    }
  }

  @Test func aProtectedEnvironmentIsAskedForOncePerRun() async throws {
    try await withProject { command, _ in
      let script = """
        apig.each(apig.apis { group = "payments" }, function(a) apig.publish { api = a, env = "RELEASE" } end)
        apig.offline { group = "orders", env = "RELEASE", on_failure = "return" }
        """
      let run = try await command.onTerminal(["-e", script], typing: [.init("Go on? [y/N] ", "y")])
      #expect(run.screen.components(separatedBy: "Go on?").count == 2, "\(run.screen)")
      #expect(run.screen.contains("published"), "\(run.screen)")
    }
  }

  @Test func whatTheScriptConfirmedIsNotAskedForAgain() async throws {
    try await withProject { command, _ in
      let script = "apig.confirm { env = 'RELEASE', text = 'all of payments' } \(Self.publish)"
      let run = try await command.onTerminal(["-e", script], typing: [.init("Go on? [y/N] ", "y")])
      #expect(run.status == .exited(0), "\(run.screen)")
      #expect(run.screen.components(separatedBy: "Go on?").count == 2, "\(run.screen)")
    }
  }

  @Test func noFlagTypesAName() async throws {
    try await withProject(protect: "type-name") { command, _ in
      let refused = try await command("--yes", "-e", Self.publish)
      #expect(refused.status == 6, "\(refused.messages)")
      #expect(refused.messages.contains("RELEASE wants its name typed"))
      let wrong = try await command.onTerminal(
        ["--yes", "-e", Self.publish], typing: [.init("Type the environment's name to go on: ", "release")])
      #expect(wrong.status == .exited(6), "\(wrong.screen)")
      let right = try await command.onTerminal(
        ["-e", Self.publish], typing: [.init("Type the environment's name to go on: ", "RELEASE")])
      #expect(right.status == .exited(0), "\(right.screen)")
    }
  }

  @Test func aSwitchThatNamesNoEnvironmentIsAskedForToo() async throws {
    try await withProject { command, _ in
      let script = """
        local history = apig.history { api = "pay-refund", env = "RELEASE" }
        apig.switch_version { api = "pay-refund", version = history[#history].version_id }
        """
      let run = try await command("-e", script)
      #expect(run.status == 6, "\(run.messages)")
      #expect(run.messages.contains("which is protected: switch_version"), "\(run.messages)")
    }
  }

  /// STAGING's ID is another one in each run, and no request but the one of the check tells its name.
  @Test func anEnvironmentByItsIDIsTheSameEnvironment() async throws {
    try await withProject(environment: "STAGING") { command, _ in
      let list = try await command(
        "-e", "for _, e in ipairs(apig.envs {}) do if e.name == 'STAGING' then return e.id end end")
      let id = list.output.trimmingCharacters(in: .whitespacesAndNewlines)
      try #require(id.count == 32, "\(list.messages)")
      for environment in ["env_id = '\(id)'", "env = { id = '\(id)', name = 'TEST' }"] {
        let script = "apig.publish { group = 'payments', \(environment) } return 'published'"
        let protected = try await command("-e", script)
        #expect(protected.status == 6, "\(protected.messages)")
        #expect(protected.messages.contains("STAGING of prod, which is protected"), "\(protected.messages)")
        let denied = try await command("--yes", "--deny", "publish:STAGING", "-e", script)
        #expect(denied.status == 6 && denied.messages.contains("publish:STAGING is denied"), "\(denied.messages)")
        let confirmed = try await command("--yes", "-e", script)
        #expect(confirmed.status == 0 && confirmed.output == "published\n", "\(confirmed.messages)")
      }
      let unknown = try await command(
        "--yes", "-e", "apig.publish { group = 'payments', env_id = '0123456789abcdef0123456789abcdef' }")
      #expect(unknown.status == 1 && unknown.messages.contains("there is no environment"), "\(unknown.messages)")
    }
  }

  @Test func anUndoOfAProtectedEnvironmentIsAskedForToo() async throws {
    try await withProject { command, _ in
      let done = try await command("--yes", "-e", "apig.publish { api = 'pay-quote', env = 'RELEASE' }")
      #expect(done.status == 0, "\(done.messages)")
      let refused = try await command("rollback", "last")
      #expect(refused.status == 6, "\(refused.messages)")
      #expect(refused.messages.contains("RELEASE of prod, which is protected: "), "\(refused.messages)")
      let undone = try await command("rollback", "--yes", "last")
      #expect(undone.status == 0, "\(undone.messages)")
    }
  }

  @Test func anotherSpellingConfirmsNothing() async throws {
    try await withProject(protect: "type-name") { command, _ in
      for name in ["DEFAULT_ENVIRONMENT_RELEASE_ID", "release", "RELEASE"] {
        let script = "apig.confirm { env = '\(name)', text = 'all of payments' } \(Self.publish)"
        let run = try await command("--yes", "-e", script)
        #expect(run.status == 6 && run.messages.contains("RELEASE wants its name typed"), "\(run.messages)")
      }
    }
  }

  @Test func aResumedRunKeepsWhatItWasDenied() async throws {
    try await withProject(protect: "none") { command, _ in
      var killed = command
      killed.variables["APIG_LUA_CRASH_AFTER_ENTRY"] = "1"
      let script = "apig.envs {} apig.wait { time = 0 } \(Self.publish)"
      let first = try await killed("--deny", "publish:RELEASE", "-e", script)
      #expect(first.status == -1, "\(first.status) \(first.messages)")
      let resumed = try await command("resume", "last")
      #expect(resumed.status == 6 && resumed.messages.contains("publish:RELEASE is denied"), "\(resumed.messages)")
    }
  }

  @Test func aPromotionByIDAsksWhatTheOtherEnvironmentRuns() async throws {
    let id = "DEFAULT_ENVIRONMENT_RELEASE_ID"
    try await withProject(protect: "none, id: \(id), promote_from: STAGING", environment: "live") { command, _ in
      for environment in ["env = 'RELEASE'", "env_id = '\(id)'"] {
        for condition in ["", ", only_if_same_as = 'TEST'"] {
          let run = try await command("-e", "apig.publish { api = 'pay-quote', \(environment)\(condition) }")
          #expect(run.status == 6 && run.messages.contains("STAGING does not run it"), "\(run.messages)")
        }
      }
    }
  }

  @Test func aDeniedChangeIsNotMade() async throws {
    try await withProject(protect: "none") { command, _ in
      let run = try await command("--deny", "publish:RELEASE", "-e", Self.publish)
      #expect(run.status == 6 && run.messages.contains("publish:RELEASE is denied"), "\(run.messages)")
      let other = try await command("--deny", "publish:RELEASE", "-e", Self.publish.replacing("RELEASE", with: "TEST"))
      #expect(other.status == 0, "\(other.messages)")
    }
  }

  // MARK: - Permissions

  @Test func anotherServerNeedsAGrant() async throws {
    try await withTemporaryFolder { folder in
      try await withScriptedServer(answer: { _ in .json(200, "{}") }) { server in
        let command = Command(in: folder)
        let script = "return apig.http.get { url = '\(server.url)/x' }.status"
        let refused = try await command("-e", script)
        #expect(refused.status == 6, "\(refused.messages)")
        #expect(refused.messages.contains("run with --allow http:\(server.url)"), "\(refused.messages)")
        #expect(server.requests.isEmpty)
        let allowed = try await command("--allow", "http:\(server.url)", "-e", script)
        #expect(allowed.status == 0 && allowed.output == "200\n", "\(allowed.messages)")
        try command.write("permissions:\n  allow: [\"http:\(server.url)\"]\n", to: "apig.yaml")
        let written = try await command("-e", script)
        #expect(written.status == 0 && written.output == "200\n", "\(written.messages)")
        let denied = try await command("--deny", "http:*", "-e", script)
        #expect(denied.status == 6 && denied.messages.contains("is denied"), "\(denied.messages)")
      }
    }
  }

  @Test(arguments: [
    "", "default_gateway: local\n", "permissions:\n  allow:\n    - \"read\"\n", "permissions:\n  allow: []\n",
    "permissions:\n  allow: [\"read\"]  # theirs\n", "permissions:\n  deny: [\"export\"]\n",
  ])
  func aGrantForTheProjectIsWrittenDown(_ present: String) async throws {
    try await withTemporaryFolder { folder in
      try await withScriptedServer(answer: { _ in .json(200, "{}") }) { server in
        let command = Command(in: folder)
        if !present.isEmpty { try command.write(present, to: "apig.yaml") }
        let script = "return apig.http.get { url = '\(server.url)/x' }.status"
        let asked = try await command.onTerminal(["-e", script], typing: [.init("[o/p/R] ", "p")])
        #expect(asked.status == .exited(0), "\(asked.screen)")
        let later = try await command("-e", script)
        #expect(later.status == 0, "\(later.messages)")
        let text = try String(contentsOf: folder.appending(path: "apig.yaml"), encoding: .utf8)
        #expect(text.contains("\"http:\(server.url)\""))
        for line in present.split(separator: "\n") where !line.contains("[") { #expect(text.contains(line), "\(text)") }
      }
    }
  }

  @Test func aGrantForOnceIsForgotten() async throws {
    try await withTemporaryFolder { folder in
      try await withScriptedServer(answer: { _ in .json(200, "{}") }) { server in
        let command = Command(in: folder)
        let script = "for i = 1, 3 do apig.http.get { url = '\(server.url)/x' } end"
        let asked = try await command.onTerminal(["-e", script], typing: [.init("[o/p/R] ", "o")])
        #expect(asked.status == .exited(0), "\(asked.screen)")
        #expect(server.requests.count == 3)
        #expect(!FileManager.default.fileExists(atPath: folder.appending(path: "apig.yaml").path))
        let refused = try await command.onTerminal(["-e", script], typing: [.init("[o/p/R] ", "")])
        #expect(refused.status == .exited(6), "\(refused.screen)")
        #expect(server.requests.count == 3)
      }
    }
  }

  @Test func theLocalGatewayServesWithoutAGrant() async throws {
    try await withTemporaryFolder { folder in
      let script =
        "return apig.health.http { url = '/_call/payments/payments/methods', samples = 2, every = 0 }.samples"
      let run = try await Command(in: folder)("-e", script)
      #expect(run.status == 0 && run.output == "2\n", "\(run.messages)")
      #expect(run.messages.contains("2/2  p95 "), "\(run.messages)")
    }
  }

  @Test func aPlanCountsAQuestionOnce() async throws {
    try await withProject { command, _ in
      let script = """
        apig.confirm { text = "publish one", env = "RELEASE" }
        apig.publish { api = "pay-create", env = "RELEASE" }
        """
      let plan = try await command("plan", "--output", "json", "-e", script)
      let document = try Document(json: plan.output)
      #expect(document["summary"]?["costs"]?["questions"] == ["publish one"], "\(plan.messages)")
    }
  }

  // MARK: - Secrets

  @Test func aSecretIsOpenedForTheServerAndForNobodyElse() async throws {
    try await withTemporaryFolder { folder in
      try await withScriptedServer(answer: { _ in .json(200, "{}") }) { server in
        var command = Command(in: folder)
        command.variables["APIG_SECRET_DEPLOY_KEY"] = "hush-hush-77"
        let script = """
          local key = apig.secret "deploy-key"
          print(key, "Bearer " .. key, ("%s"):format(key), apig.json.encode { key = key })
          apig.http.post {
            url = "\(server.url)/hook", headers = { Authorization = "Bearer " .. key }, json = { key = key } }
          return key
          """
        let flags = ["--allow", "http:\(server.url)", "--allow", "secret:deploy-key", "-vv"]
        let run = try await command.run(flags + ["-e", script])
        #expect(run.status == 0, "\(run.messages)")
        #expect(server.requests.first?.header("authorization") == "Bearer hush-hush-77")
        #expect(server.requests.first?.bodyText == "{\"key\":\"hush-hush-77\"}")
        let mark = "‹secret deploy-key›"
        #expect(run.output == "\(mark)\tBearer \(mark)\t\(mark)\t{\"key\":\"\(mark)\"}\n\(mark)\n")
        #expect(!run.messages.contains("hush-hush"))
        let found = try search(folder, for: "hush-hush")
        #expect(found.holding.isEmpty && found.count > 0, "\(found)")
      }
    }
  }

  @Test func aSecretNeedsAGrantAndAValue() async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      let refused = try await command("-e", "apig.secret 'key'")
      #expect(refused.status == 6 && refused.messages.contains("--allow secret:key"), "\(refused.messages)")
      let missing = try await command("--allow", "secret:key", "-e", "apig.secret 'key'")
      #expect(missing.status == 1 && missing.messages.contains("set APIG_SECRET_KEY"), "\(missing.messages)")
    }
  }

  @Test(arguments: [
    ("--allow", "htp:https://x", "did you mean 'http'?"), ("--deny", "publish", "write publish:ENV"),
    ("--allow", "http:https://x/y", "is more than an origin"),
  ])
  func aWrongPermissionIsAUsageError(_ flag: String, _ text: String, _ message: String) async throws {
    try await withTemporaryFolder { folder in
      let run = try await Command(in: folder)(flag, text, "-e", "return 1")
      #expect(run.status == 64 && run.messages.contains(message), "\(run.messages)")
    }
  }
}
