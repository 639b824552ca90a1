import GatewayAPI
import GatewayClient
import GatewayScripting
import LuaRuntime
import ReleaseEngine
import Testing

/// What a plan tells beside its changes: what cannot be known, what would be undone, what it rests on.
@Suite struct PlanTests {
  // MARK: - What exists only after apply

  @Test func aPlannedVersionIsShownAndPassedOn() async throws {
    try await ScriptHarness.with { harness in
      let planned = try await harness.plan(
        """
        local made = apig.publish { api = "pay-create", env = "RELEASE" }
        print(made.version_id, "and " .. made.version_id, ("%s"):format(made.version_id))
        apig.offline { api = "pay-create", env = "RELEASE" }
        local back = apig.switch_version { api = "pay-create", env = "RELEASE", version = made }
        local found = apig.history { api = "pay-create", env = "RELEASE" }:find(made.version_id)
        return { made.version_id == back.version_id, made.version_id == found.version_no, made.version_id ~= "x", made }
        """)
      let label = "‹after apply: version of pay-create›"
      #expect(harness.output.lines == ["\(label)\tand \(label)\t\(label)\n"])
      let value = try #require(planned.value?.arrayValue)
      #expect(value[..<3] == [true, true, true])
      #expect(value[3]["version_id"] == .string(label))
      let verdict = try #require(await planned.verdicts().first)
      guard case .made = verdict.to else { throw NotMade() }
    }
  }

  private struct NotMade: Error {}

  @Test func equalPlannedVersionsAreTheSameKey() async throws {
    try await ScriptHarness.with { harness in
      let planned = try await harness.plan(
        """
        local made = apig.publish { api = "pay-create", env = "RELEASE" }
        local other = apig.publish { api = "pay-refund", env = "RELEASE" }
        local now = apig.history { api = "pay-create", env = "RELEASE" }:effective()
        local seen = { [made.version_id] = "pay-create" }
        return { seen[now.version_id], seen[other.version_id] == nil, made.version_id ~= other.version_id }
        """)
      #expect(planned.value == ["pay-create", true, true])
    }
  }

  // MARK: - Other servers

  /// A probe's numbers are the same in a plan and in a run: no script meets a field for the first time in production.
  @Test func anAssumedHealthCheckLooksLikeARealOne() async throws {
    try await ScriptHarness.with { harness in
      let script = "return apig.health.http { url = '/x', samples = 2, every = 0 }"
      var harness = harness
      harness.surroundings.send = { _ in WebAnswer(status: 200, headers: [:], body: []) }
      let url = harness.url
      harness.surroundings.dataPlane = { url }
      let real = try #require(try await harness(script).objectValue)
      let assumed = try #require(try await harness.plan(script).value?.objectValue)
      #expect(Set(real.keys) == Set(assumed.keys))
      #expect(assumed["samples"] == 2 && assumed["failures"] == 0)
    }
  }

  @Test(arguments: ["body", "headers", "json()"])
  func whatANotSentRequestAnswersCannotBeKnown(_ part: String) async throws {
    try await ScriptHarness.with { harness in
      let planned = try await harness.plan(
        """
        local answer = apig.http.post { url = "/hook", json = { a = 1 } }
        assert(answer.status == 200)
        pcall(function() return answer.\(part == "json()" ? "json" : part) end)
        """)
      #expect(planned.end?.place == "plan.lua:3")
      #expect(
        planned.end?.subject.contains("the answer to POST /hook") == true, "\(String(describing: planned.result))")
      #expect(planned.rehearsal.costs.unsentRequests == 1)
    }
  }

  @Test(arguments: [
    "apig.health.http { url = 'https://api.example.com/x' }", "apig.http.post { url = 'https://api.example.com/x' }",
  ])
  func aPlanRefusesWhatARunWouldRefuse(_ call: String) async throws {
    try await ScriptHarness.with { harness in
      let planned = try await harness.plan("\n" + call)
      guard case .failure(let error as LuaError) = planned.result else { throw NotMade() }
      #expect((error.underlying as? GatewayError)?.kind == .refused)
      #expect(error.location?.description == "plan.lua:2")
      #expect(planned.rehearsal.costs.healthChecks + planned.rehearsal.costs.unsentRequests == 0)
    }
  }

  @Test(arguments: [
    ("made.version_id < 'a'", "is compared"), ("made.version_id <= made.publish_id", "is compared"),
    ("made.version_id + 1", "is calculated with"), ("-made.version_id", "is calculated with"),
    ("#made.version_id", "is looked into"), ("made.version_id:sub(1, 8)", "is looked into"),
  ])
  func decidingByAPlannedVersionEndsThePlan(expression: String, what: String) async throws {
    try await ScriptHarness.with { harness in
      let planned = try await harness.plan(
        """
        local made = apig.publish { api = "pay-create", env = "RELEASE" }
        apig.publish { api = "pay-refund", env = "RELEASE" }
        pcall(function()
          return \(expression)
        end)
        apig.publish { api = "pay-webhook", env = "RELEASE" }
        """)
      let end = try #require(planned.end)
      #expect(end.place == "plan.lua:4")
      #expect(end.subject.contains("‹after apply: version of pay-create› \(what)"))
      let outcomes = await planned.verdicts().map(\.outcome)
      #expect(outcomes == [.cannotKnow(end), .willChange])
    }
  }

  @Test(arguments: [
    "apig.export { group = 'payments', env = 'RELEASE' }",
    "apig.debug { api = 'pay-refund', mode = 'CONSUMER', scheme = 'HTTP', method = 'GET', path = '/' }",
    "apig.create_group { name = 'another' }", "apig.delete_version { version_id = ('a'):rep(32) }",
  ])
  func whatNoOverlayCanShowEndsThePlan(call: String) async throws {
    try await ScriptHarness.with { harness in
      let planned = try await harness.plan("apig.publish { api = 'pay-create', env = 'RELEASE' }\n\(call)")
      #expect(planned.end?.place == "plan.lua:2")
    }
  }

  @Test func anExportOfWhatThePlanLeavesAloneIsLive() async throws {
    try await ScriptHarness.with { harness in
      let planned = try await harness.plan(
        """
        apig.publish { api = 'pay-create', env = 'RELEASE' }
        return #apig.export { group = 'orders', env = 'RELEASE' } + #apig.export { group = 'payments', env = 'TEST' }
        """)
      #expect((planned.value?.integerValue ?? 0) > 0)
    }
  }

  @Test func theDefinitionInEffectIsTheDraftThatWouldBePublished() async throws {
    try await ScriptHarness.with { harness in
      let id = try await harness.apiID("pay-create")
      try await harness.edit(id, remark: "the newest")
      let planned = try await harness.plan(
        """
        local before = apig.runtime { api = 'pay-create', env = 'RELEASE' }.remark
        local made = apig.publish { api = 'pay-create', env = 'RELEASE' }
        return { before, apig.runtime { api = 'pay-create', env = 'RELEASE' }.remark, apig.version { version = made }.remark }
        """)
      let remarks = try #require(planned.value?.arrayValue)
      #expect(remarks[0] != "the newest")
      #expect(remarks[1...] == ["the newest", "the newest"])
    }
  }

  // MARK: - Failures and undo

  @Test func anAssumedFailureShowsTheUndo() async throws {
    try await ScriptHarness.with { harness in
      let script = """
        apig.with_rollback(function()
          apig.publish { api = "pay-create", env = "RELEASE" }
          apig.publish { api = "pay-webhook", env = "RELEASE" }
          apig.publish { api = "pay-refund", env = "RELEASE" }
        end)
        """
      let good = try await harness.plan(script)
      #expect(await good.verdicts().map(\.outcome) == [.willChange, .willChange, .willChange])
      #expect(await good.verdicts().map(\.undo) == [.switchBack, .takeOffline, .switchBack])

      let planned = try await harness.plan(script, assuming: ["fail=api:pay-refund"])
      let outcomes = await planned.verdicts().map(\.outcome)
      #expect(outcomes[..<2] == [.noChange, .noChange])
      guard case .wouldFail(let error) = outcomes[2] else { throw NotMade() }
      #expect(error.message.contains("--assume"))
      #expect(await planned.gateway.changes.filter(\.isUndo).map(\.apiName) == ["pay-webhook", "pay-create"])
    }
  }

  @Test func aPlanFindsRemarksAndBatchesThatDoNotFit() async throws {
    try await ScriptHarness.with { harness in
      let long = try await harness.plan(
        "apig.publish { api = 'pay-create', env = 'RELEASE', remark = ('x'):rep(256) }")
      let cause = (long.failure as? LuaError)?.underlying as? GatewayError
      #expect(cause?.kind == .usage)
      let many = try await harness.plan(
        """
        local ids = {}
        for i = 1, 1001 do ids[i] = ("%032x"):format(i) end
        apig.batch { action = "online", apis = ids, env = "RELEASE" }
        """)
      #expect(((many.failure as? LuaError)?.underlying as? GatewayError)?.kind == .usage)
      #expect(await many.gateway.changes.isEmpty)
    }
  }

  @Test func theEleventhVersionPushesOutTheOldest() async throws {
    try await ScriptHarness.with { harness in
      let id = try await harness.apiID("pay-create")
      let release = GatewayEnvironment.releaseID
      for _ in 0..<10 { _ = try await harness.client.perform(Publish(apiID: id, environmentID: release)) }
      let history = try await harness.client.all(History(apiID: id, environmentID: release)).items
      #expect(history.count == 10)
      let planned = try await harness.plan("apig.publish { api = 'pay-create', env = 'RELEASE' }")
      let oldest = try #require(history.last?.versionNumber)
      #expect(await planned.verdicts().first?.drops == [oldest])
    }
  }

  @Test(arguments: ["fail=wave", "fail=wave:0", "fail=api:", "health=ok:1", "", "wave=fail:1"])
  func whatIsNoAssumptionIsRefused(word: String) {
    #expect(throws: AssumptionError.self) { try Assumptions([word]) }
  }

  // MARK: - Saved plans

  @Test func aPlanIsReadAsItWasWritten() async throws {
    try await ScriptHarness.with { harness in
      let plan = try await harness.savedPlan(
        "apig.publish { api = 'pay-create', env = 'RELEASE' }\napig.offline { group = 'orders', env = 'TEST', on_failure = 'return' }"
      )
      #expect(!plan.changes.isEmpty && !plan.reads.isEmpty)
      #expect(try ReleasePlan(json: plan.document.json) == plan)
      var members = plan.document.objectValue ?? [:]
      members["created_by"] = "somebody"
      #expect(throws: PlanFileError.self) { try ReleasePlan(json: Document.object(members).json) }
      members["apig_lua_plan"] = 2
      #expect(throws: PlanFileError.self) { try ReleasePlan(json: Document.object(members).json) }
      for damaged in [[], Array("{}".utf8), Array(plan.document.json.dropLast(20)), Array("apig.publish{}".utf8)] {
        #expect(throws: PlanFileError.self) { try ReleasePlan(json: damaged) }
      }
    }
  }

  @Test func nothingHasMovedUntilSomethingHas() async throws {
    try await ScriptHarness.with { harness in
      let create = try await harness.apiID("pay-create")
      let status = try await harness.apiID("pay-status")
      let release = GatewayEnvironment.releaseID
      _ = try await harness.client.perform(Publish(apiID: status, environmentID: release))
      let plan = try await harness.savedPlan(
        """
        apig.publish { api = 'pay-create', env = 'RELEASE' }
        apig.switch_version { api = 'pay-status', env = 'RELEASE', version = -1 }
        apig.publish { api = 'pay-create', env = 'TEST' }
        """)
      func findings() async throws -> [String] { try await PlanCheck(plan, on: harness.client).findings() }
      #expect(try await findings() == [])

      try await harness.edit(create, remark: "edited meanwhile")
      let edited = try await findings()
      #expect(edited.count == 2 && edited.allSatisfy { $0.contains("the draft of pay-create was edited at") })

      for _ in 0..<10 { _ = try await harness.client.perform(Publish(apiID: status, environmentID: release)) }
      let moved = try await findings()
      #expect(moved.contains { $0.contains("the version in effect of pay-status in RELEASE is now") })
      #expect(moved.contains { $0.contains("no longer keeps the version") })

      _ = try await harness.client.perform(Offline(apiID: status, environmentID: release))
      #expect(try await findings().contains("pay-status was taken off RELEASE"))

      let environments = try await harness.client.all(ListEnvironments()).items
      var delete = DeleteEnvironment()
      delete.environmentID = environments.first { $0.name == "TEST" }?.id ?? ""
      _ = try await harness.client.perform(delete)
      #expect(try await findings().contains("the environment TEST no longer exists"))
    }
  }

  @Test func aSwitchThereAndBackIsNoticed() async throws {
    try await ScriptHarness.with { harness in
      let id = try await harness.apiID("pay-create")
      let plan = try await harness.savedPlan("apig.publish { api = 'pay-create', env = 'RELEASE' }")
      let effective = try await harness.effectiveVersions()[[id, GatewayEnvironment.releaseID]] ?? ""
      _ = try await harness.client.perform(Publish(apiID: id, environmentID: GatewayEnvironment.releaseID))
      _ = try await harness.client.perform(SwitchVersion(apiID: id, versionID: effective))
      let findings = try await PlanCheck(plan, on: harness.client).findings()
      #expect(findings == ["pay-create was published or switched in RELEASE and back"])
    }
  }

  // MARK: - The guard

  @Test func fewerChangesAreFineAndOthersAreRefused() async throws {
    try await ScriptHarness.with { harness in
      let plan = try await harness.savedPlan(
        """
        apig.publish { apis = { 'pay-create', 'pay-refund' }, env = 'RELEASE' }
        local made = apig.publish { api = 'order-list', env = 'RELEASE' }
        apig.switch_version { api = 'order-list', env = 'RELEASE', version = -1 }
        apig.switch_version { api = 'order-list', env = 'RELEASE', version = made }
        """)
      let before = try await harness.effectiveVersions()
      for extra in [
        "apig.publish { apis = { 'pay-create', 'pay-webhook' }, env = 'RELEASE' }",
        "apig.publish { group = 'payments', env = 'RELEASE' }",
        "apig.batch { action = 'online', group_id = apig.groups { name = 'payments' }[1].id, env = 'RELEASE' }",
        "apig.publish { api = 'pay-create', env = 'TEST' }", "apig.offline { api = 'pay-create', env = 'RELEASE' }",
        "apig.delete_group { group = 'payments' }",
      ] {
        let result = await harness.carryOut(extra, under: plan)
        #expect(result.error?.kind == .stale, "\(extra)")
        #expect(result.error?.message.contains("nothing of this call was sent") == true)
        #expect(try await harness.effectiveVersions() == before, "\(extra)")
      }
      let twice = await harness.carryOut(
        "apig.publish { api = 'pay-create', env = 'RELEASE' }\napig.publish { api = 'pay-create', env = 'RELEASE' }",
        under: plan)
      #expect(twice.error?.message.contains("the plan has publish of pay-create once") == true)

      let fewer = await harness.carryOut(
        """
        apig.publish { api = 'pay-refund', env = 'RELEASE' }
        local made = apig.publish { api = 'order-list', env = 'RELEASE' }
        apig.switch_version { api = 'order-list', env = 'RELEASE', version = -1 }
        apig.switch_version { api = 'order-list', env = 'RELEASE', version = made }
        """, under: plan)
      #expect(fewer.error == nil)
    }
  }

  @Test func puttingBackIsNeverRefused() async throws {
    try await ScriptHarness.with { harness in
      let plan = try await harness.savedPlan("apig.publish { api = 'pay-create', env = 'RELEASE' }")
      let before = try await harness.effectiveVersions()
      let result = await harness.carryOut(
        """
        apig.with_rollback(function()
          apig.publish { api = 'pay-create', env = 'RELEASE' }
          apig.publish { api = 'pay-refund', env = 'RELEASE' }
        end)
        """, under: plan)
      #expect(result.error?.kind == .stale)
      #expect(try await harness.effectiveVersions() == before)
    }
  }
}

extension PlannedScript {
  var failure: (any Error)? {
    guard case .failure(let error) = result else { return nil }
    return error
  }
}

extension ScriptHarness {
  fileprivate func savedPlan(_ script: String) async throws -> ReleasePlan {
    let planned = try await plan(script)
    _ = try planned.result.get()
    let changes = await planned.gateway.changes
    var labels: [String: String] = [:]
    for id in changes.compactMap(\.to.id) { labels[id] = planned.gateway.plannedIDs.label(of: id) }
    return ReleasePlan(
      id: "p-TEST1", createdAt: "2026-11-20T10:00:00Z", createdBy: "tester@here",
      script: ReleasePlan.Source(name: "plan.lua", digest: ContentDigest.hex(Array(script.utf8)), text: script),
      gateway: ReleasePlan.Target(name: "local", identity: "here"), reads: await planned.gateway.reads(),
      changes: changes, otherChanges: await planned.gateway.otherChanges, labels: labels)
  }

  /// Runs a script as `apply` does.
  fileprivate func carryOut(_ script: String, under plan: ReleasePlan) async -> (error: GatewayError?, run: ReleaseRun)
  {
    let planGuard = PlanGuard(plan)
    var configuration = ReleaseRun.Configuration()
    let client = client
    configuration.admission = { try await planGuard.check($0, on: client, named: "local") }
    let (run, result) = await carryOut(script, configuration: configuration) { planGuard.note($0) }
    guard case .failure(let error) = result else { return (nil, run) }
    return ((error as? LuaError)?.underlying as? GatewayError, run)
  }
}
