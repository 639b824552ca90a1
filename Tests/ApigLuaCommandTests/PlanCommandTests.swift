import Foundation
import GatewayAPI
import GatewayTestSupport
import Testing

/// `plan`, `run --dry-run` and `apply`, as they are typed.
@Suite struct PlanCommandTests {
  static let script = """
    local apig = require "apig"
    local p = apig.params {
      group = { type = "string", required = true }, env = { type = "env", default = "RELEASE" },
      word = { type = "string", default = "none", secret = true },
    }
    local texts = require "texts"
    local list = apig.select { group = p.group, changed_in = p.env }
    if #list == 0 then return 0 end
    print("about to publish")
    local done = apig.publish { apis = list, env = p.env, remark = texts.remark }
    return #done.success
    """

  private func prepare(_ command: Command) throws {
    try command.write(Self.script, to: "weekly.lua")
    try command.write("return { remark = 'weekly' }", to: "texts.lua")
  }

  /// How many versions of each API of the payments RELEASE has.
  private func versions(_ command: Command) async throws -> String {
    let script = """
      local t = {}
      for _, api in ipairs(apig.apis { group = "payments" }) do t[#t + 1] = #apig.history { api = api, env = "RELEASE" } end
      return t
      """
    return try await command("-e", script).output
  }

  private let edit = """
    local d = {}
    for k, v in pairs(apig.api { api = "pay-create" }) do d[k] = v end
    d.remark = "edited meanwhile"
    apig.update_api { api = "pay-create", definition = d }
    """

  // MARK: - plan

  @Test func aPlanTellsWhatWouldBeAndChangesNothing() async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      try prepare(command)
      let before = try await versions(command)
      let plan = try await command("plan", "weekly.lua", "--group", "payments")
      #expect(plan.status == 0)
      for text in [
        "local · RELEASE · weekly.lua   plan p-", "~ publish", "3 APIs to RELEASE", "= no change",
        "5 APIs that stay as they run now",
        "pay-webhook   –", "a new version", "2 exact: switched back", "1 exact: not published now",
        "3 changes in at most 1 request",
      ] { #expect(plan.output.contains(text), "\(text) in \(plan.output)") }
      #expect(plan.messages.contains("about to publish") && !plan.output.contains("about to publish"))
      #expect(try await versions(command) == before)
      #expect(try await command("plan", "--exit-code", "weekly.lua", "--group", "payments").status == 2)
      #expect(try await command("plan", "weekly.lua", "--group", "payments", "--exit-code").status == 2)
      let dry = try await command("run", "--dry-run", "weekly.lua", "--group", "payments")
      let lines = { (text: String) in text.split(separator: "\n").dropFirst(2) }
      #expect(dry.status == 0 && lines(dry.output) == lines(plan.output))
      #expect(try await command("-n", "weekly.lua", "--group", "payments").status == 0)
      #expect(try await versions(command) == before)
    }
  }

  @Test func thePlanAsADocument() async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      try prepare(command)
      let plan = try await command("plan", "--output", "json", "weekly.lua", "--group", "payments", "--word", "hush")
      let document = try Document(json: Array(plan.output.utf8))
      #expect(document["apig_lua_plan"] == 1 && document["changes"]?.arrayValue?.count == 3)
      #expect(document["params"] == ["group": "payments"])
      #expect(document["modules"]?.arrayValue?.first?["name"] == "texts")
      let verdicts = document["summary"]?["verdicts"]?.arrayValue ?? []
      #expect(verdicts.compactMap { $0["verdict"]?.stringValue } == ["will_change", "will_change", "will_change"])
      #expect(document["summary"]?["output"] == ["about to publish"])
      #expect(!plan.output.contains("hush"))
    }
  }

  @Test func aPlanThatCannotGoOnSaysWhere() async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      try command.write(
        """
        local made = apig.publish { api = "pay-create", env = "RELEASE" }
        if made.version_id > "a" then apig.publish { api = "pay-refund", env = "RELEASE" } end
        """, to: "decide.lua")
      let plan = try await command("plan", "decide.lua", "--out", "decide.plan")
      #expect(plan.status == 1)
      #expect(plan.output.contains("? cannot know until apply") && plan.output.contains("decide.lua:2"))
      #expect(plan.output.contains("‹after apply: version of pay-create› is compared"))
      #expect(plan.messages.contains("not saved"))
      #expect(!FileManager.default.fileExists(atPath: folder.appending(path: "decide.plan").path))
    }
  }

  @Test func assumptionsAreRehearsedAndNotSaved() async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      try command.write(
        """
        local list = apig.select { group = "payments", changed_in = "RELEASE" }
        apig.with_rollback(function()
          for wave in apig.waves(list, { 1, "100%" }) do
            apig.publish { apis = wave.items, env = "RELEASE" }
            apig.wait { time = "2m", reason = "soak" }
            apig.health.http { url = "https://api.example.com/ping", samples = 30, every = "2s" }
          end
        end)
        """, to: "canary.lua")
      let good = try await command("plan", "--allow", "http:https://api.example.com", "canary.lua")
      #expect(good.status == 0)
      for text in ["1/2", "2/2", "wait 2m (soak), probe /ping 30×", "60 probes", "about 6m,"] {
        #expect(good.output.contains(text), "\(text) in \(good.output)")
      }
      let bad = try await command(
        "plan", "--allow", "http:https://api.example.com", "canary.lua", "--assume", "health=fail:2")
      #expect(bad.status == 0)
      #expect(bad.output.contains("< undone") && bad.messages.contains("health=fail:2"))
      let wave = try await command(
        "plan", "--allow", "http:https://api.example.com", "canary.lua", "--assume=fail=wave:2")
      #expect(wave.output.contains("! fail") && wave.output.contains("< undone      1 API"))
      #expect(try await command("plan", "canary.lua", "--assume", "fail=wave:2", "--out", "x.plan").status == 64)
      #expect(try await command("plan", "--assume", "fail=often", "canary.lua").status == 64)
    }
  }

  @Test func aPlanNeedsTheGrantsOfTheRun() async throws {
    try await withTemporaryFolder { folder in
      var command = Command(in: folder)
      command.variables["APIG_SECRET_KEY"] = "hush"
      try command.write(
        """
        local key = apig.secret "key"
        apig.http.post { url = "https://api.example.com/hook", headers = { Authorization = key } }
        apig.publish { api = "pay-create", env = "RELEASE" }
        """, to: "told.lua")
      let secret = try await command("plan", "told.lua")
      #expect(secret.status == 6 && secret.messages.contains("--allow secret:key"), "\(secret.messages)")
      let hook = try await command("plan", "--allow", "secret:key", "told.lua")
      #expect(hook.status == 6 && hook.messages.contains("--allow http:https://api.example.com"), "\(hook.messages)")
      let plan = try await command(
        "plan", "--allow", "secret:key", "--allow", "http:https://api.example.com", "told.lua")
      #expect(plan.status == 0 && plan.output.contains("~ publish"), "\(plan.messages)")
      #expect(!(plan.output + plan.messages).contains("hush"))
    }
  }

  @Test func differencesAreTheExitCodeOfWhoAsksForIt() async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      try command.write("apig.exit('differences', 'they differ')", to: "differ.lua")
      #expect(try await command("differ.lua").status == 2)
      #expect(try await command("plan", "differ.lua").status == 0)
      #expect(try await command("plan", "--exit-code", "differ.lua").status == 2)
    }
  }

  @Test(arguments: [["plan"], ["run", "-n"], ["-n"]])
  func aPlannedScriptHasItsOwnHelp(_ words: [String]) async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      try prepare(command)
      let help = try await command.run(words + ["weekly.lua", "--help"])
      let own = try await command("weekly.lua", "--help")
      #expect(help.status == 0 && help.output == own.output, "\(help.messages)")
      #expect(own.output.contains("--group"))
    }
  }

  @Test func aPlanReplacesNoOtherFile() async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      try prepare(command)
      let plan = try await command("plan", "weekly.lua", "--group", "payments", "--out", "texts.lua")
      #expect(plan.status == 64 && plan.messages.contains("is no plan"))
      let text = try String(contentsOf: folder.appending(path: "texts.lua"), encoding: .utf8)
      #expect(text == "return { remark = 'weekly' }")
    }
  }

  // MARK: - apply

  @Test func aSavedPlanIsAppliedOnce() async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      try prepare(command)
      let saved = try await command("plan", "weekly.lua", "--group", "payments", "--out", "weekly.plan")
      #expect(saved.status == 0 && saved.messages.contains("  apig-lua apply weekly.plan\n"))
      let applied = try await command("apply", "weekly.plan")
      #expect(applied.status == 0)
      #expect(applied.messages.contains("plan p-") && applied.messages.contains("3 published to RELEASE"))
      let after = try await versions(command)
      let again = try await command("apply", "weekly.plan")
      #expect(again.status == 8)
      #expect(again.messages.contains("was used by run r-") && again.messages.contains("nothing was sent"))
      #expect(try await versions(command) == after)
    }
  }

  @Test func manyProcessesAtOnceApplyItOnce() async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      try prepare(command)
      _ = try await command("plan", "weekly.lua", "--group", "payments", "--out", "weekly.plan")
      let statuses = try await withThrowingTaskGroup(of: Int32.self) { group in
        for _ in 0..<4 { group.addTask { try await command("apply", "weekly.plan").status } }
        return try await group.reduce(into: []) { $0.append($1) }
      }
      #expect(statuses.count { $0 == 0 } == 1, "\(statuses)")
      #expect(statuses.allSatisfy { [0, 7, 8].contains($0) }, "\(statuses)")
      let once = try await withTemporaryFolder { other in
        let command = Command(in: other)
        try prepare(command)
        _ = try await command("weekly.lua", "--group", "payments")
        return try await versions(command)
      }
      #expect(try await versions(command) == once)
    }
  }

  @Test func aPlanIsRefusedWhenWhatItRestsOnHasMoved() async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      try prepare(command)
      _ = try await command("plan", "weekly.lua", "--group", "payments", "--out", "weekly.plan")
      let before = try await versions(command)
      func expect(_ text: String, _ arguments: String..., comment: Comment? = nil) async throws {
        let result = try await command.run(["apply", "weekly.plan"] + arguments)
        #expect(result.status == 8 && result.messages.contains(text), "\(text): \(result.status) \(result.messages)")
      }
      try await expect("the parameter 'group' is 'orders', the plan was made with 'payments'", "--group", "orders")
      try command.write(Self.script + "\n", to: "weekly.lua")
      try await expect("weekly.lua was changed")
      try command.write(Self.script, to: "weekly.lua")
      try command.write("return { remark = 'other' }", to: "texts.lua")
      try await expect("the module 'texts' was changed")
      try FileManager.default.removeItem(at: folder.appending(path: "texts.lua"))
      try await expect("the module 'texts' was removed")
      try command.write("return { remark = 'weekly' }", to: "texts.lua")
      #expect(try await versions(command) == before)
      #expect(try await command("-e", edit).status == 0)
      try await expect("the draft of pay-create was edited at")
      #expect(try await command("-e", "apig.publish { api = 'pay-webhook', env = 'RELEASE' }").status == 0)
      try await expect("pay-webhook was published to RELEASE")
    }
  }

  @Test func aPlanIsForOneGateway() async throws {
    try await withTemporaryFolder { folder in
      try await withLocalServer(in: folder) { url in
        var command = Command(in: folder)
        command.variables = ["HUAWEICLOUD_SDK_AK": "local", "HUAWEICLOUD_SDK_SK": "local-secret"]
        try prepare(command)
        try command.configure(endpoint: url)
        let saved = try await command("plan", "weekly.lua", "--group", "payments", "--out", "weekly.plan")
        #expect(saved.status == 0, "\(saved.messages)")
        try command.configure(endpoint: url, product: "apic")
        let moved = try await command("apply", "weekly.plan")
        #expect(moved.status == 8 && moved.messages.contains("the gateway test is now"))
        let other = try await command("apply", "--gateway", "local", "weekly.plan")
        #expect(other.status == 8 && other.messages.contains("the plan is for the gateway test, not local"))
        try command.configure(endpoint: url)
        #expect(try await command("apply", "weekly.plan").status == 0)
      }
    }
  }

  @Test func secretsAreGivenAgain() async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      try prepare(command)
      _ = try await command("plan", "weekly.lua", "--group", "payments", "--word", "hush", "--out", "weekly.plan")
      #expect(try await command("apply", "weekly.plan").status == 64)
      #expect(try await command("apply", "-p", "word=other", "weekly.plan").status == 8)
      #expect(try await command("apply", "-p", "word=hush", "weekly.plan").status == 0)
    }
  }

  @Test func aDigestOfASecretIsAnotherOneInEachPlan() async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      try prepare(command)
      var digests: Set<String> = []
      for name in ["a.plan", "b.plan"] {
        let made = try await command("plan", "weekly.lua", "--group", "payments", "--word", "hush77", "--out", name)
        #expect(made.status == 0, "\(made.messages)")
        let text = try String(contentsOf: folder.appending(path: name), encoding: .utf8)
        #expect(!text.contains("hush77"))
        digests.insert(try #require(try Document(json: text)["secret_params"]?["word"]?.stringValue))
      }
      #expect(digests.count == 2)
    }
  }

  @Test func aPlanOfAScriptThatDeclaresLateKeepsWhatItWasGiven() async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      let script = """
        apig.envs {}
        local p = apig.params { group = { type = "string", required = true } }
        apig.publish { group = p.group, env = "RELEASE" }
        """
      try command.write(script, to: "late.lua")
      let planned = try await command("plan", "--out", "late.plan", "-p", "group=payments", "late.lua")
      #expect(planned.status == 0, "\(planned.messages)")
      let applied = try await command("apply", "late.plan")
      #expect(applied.status == 0, "\(applied.messages)")
      try command.write(script.replacing("required", with: "secret"), to: "late.lua")
      for words in [["plan", "--out", "other.plan", "late.lua"], ["late.lua"]] {
        let refused = try await command.run(words + ["--group", "hush77"])
        #expect(refused.status == 64 && refused.messages.contains("apig.params comes first"), "\(refused.messages)")
      }
      #expect(!FileManager.default.fileExists(atPath: folder.appending(path: "other.plan").path))
    }
  }

  @Test func whatIsNoPlanIsRefused() async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      try prepare(command)
      _ = try await command("plan", "weekly.lua", "--group", "payments", "--out", "weekly.plan")
      let text = try String(contentsOf: folder.appending(path: "weekly.plan"), encoding: .utf8)
      for (name, content, words) in [
        ("cut.plan", String(text.dropLast(40)), "is damaged or no plan"),
        ("changed.plan", text.replacing("payments", with: "payment5"), "was damaged or changed"),
        ("newer.plan", text.replacing("\"apig_lua_plan\":1", with: "\"apig_lua_plan\":2"), "is a plan of form 2"),
        ("other.plan", "{\"a\": 1}", "is no plan of apig-lua"), ("weekly.lua", Self.script, "is damaged or no plan"),
      ] {
        try command.write(content, to: name)
        let result = try await command("apply", name)
        #expect(result.status == 64 && result.messages.contains(words), "\(name): \(result.messages)")
      }
      #expect(try await command("apply", "missing.plan").status == 64)
    }
  }
}
