import GatewayAPI
import GatewayClient
import ReleaseEngine
import Synchronization
import Testing

/// A plan tells what a run then does, whatever state the gateway is in.
@Suite struct PlanEqualsRunTests {
  /// Scripts that come to the same in a plan as in a run; each returns what it saw of its own changes.
  static let scripts = [
    "publishes what changed": """
    local list = apig.select { group = "payments", changed_in = "RELEASE" }
    if #list == 0 then return 0 end
    local done = apig.publish { apis = list, env = "RELEASE", on_failure = "return" }
    return { #done.success, #done.failure, #apig.select { group = "payments", changed_in = "RELEASE" } }
    """,
    "publishes one by one": """
    local seen = {}
    for _, api in ipairs(apig.apis { group = "orders" }) do
      local done, err = apig.try.publish { api = api, env = "STAGING", remark = "one" }
      local history = apig.history { api = api, env = "STAGING" }
      seen[#seen + 1] = { done and done.remark == "one" or err.code, #history, history[1] and history[1].status or 0 }
    end
    return seen
    """,
    "takes a group offline": """
    local done = apig.offline { group = "payments", env = "RELEASE", on_failure = "return" }
    return { #done.success, #done.failure, #apig.select { group = "payments", published_in = "RELEASE" } }
    """,
    "goes one version back": """
    local seen = {}
    for _, api in ipairs(apig.apis { group = "payments" }) do
      local done, err = apig.try.switch_version { api = api, env = "RELEASE", version = -1 }
      local status = {}
      for i, version in ipairs(apig.history { api = api, env = "RELEASE" }) do status[i] = version.status end
      seen[#seen + 1] = { done and true or err.kind, status }
    end
    return seen
    """,
    "publishes, goes back and forth": """
    local seen = {}
    for i, api in ipairs(apig.apis { group = "orders" }) do
      local before = apig.effective { api = api, env = "RELEASE" }
      local made = apig.publish { api = api, env = "RELEASE" }
      if before then apig.switch_version { api = api, env = "RELEASE", version = before } end
      if i % 2 == 0 then apig.switch_version { api = api, env = "RELEASE", version = made } end
      local status = {}
      for i, version in ipairs(apig.history { api = api }) do status[i] = version.env_name .. version.status end
      seen[#seen + 1] = status
    end
    return seen
    """,
    "publishes everywhere and leaves one": """
    apig.publish { group = "orders", env = "TEST" }
    apig.publish { group = "orders", env = "STAGING" }
    apig.offline { group = "orders", env = "TEST" }
    local seen = {}
    for i, api in ipairs(apig.apis { group = "orders" }) do seen[i] = api.run_env_name or "" end
    table.sort(seen)
    return { #apig.apis { env = "STAGING" }, #apig.apis { env = "TEST" } }
    """,
    "fills a history": """
    local api = apig.apis { group = "payments" }[1]
    for i = 1, 11 do apig.publish { api = api, env = "RELEASE", remark = tostring(i) } end
    local remarks = {}
    for i, version in ipairs(apig.history { api = api, env = "RELEASE" }) do remarks[i] = version.remark end
    return remarks
    """,
    "asks for what is not there": """
    local none = ("0"):rep(31) .. "1"
    local api = apig.apis { group = "payments" }[2]
    local other = apig.history { api = apig.apis { group = "orders" }[1] }[1]
    local kinds = {}
    for i, call in ipairs {
      function() return apig.publish { api_id = none, env = "RELEASE" } end,
      function() return apig.publish { api = api, env_id = none } end,
      function() return apig.batch { action = "online", apis = { api.id, none }, env = "RELEASE" } end,
      function() return apig.batch { action = "online", apis = { api.id }, env_id = none } end,
      function() return apig.switch_version { api = api, version_id = none } end,
      function() return other and apig.switch_version { api = api, version = other } end,
    } do
      local ok, err = pcall(call)
      kinds[i] = ok and (err and err.failure and #err.failure or 0) or { err.kind, err.code }
    end
    return kinds
    """,
  ]

  @Test func theSameOnAHundredRandomStates() async throws {
    try await ScriptHarness.with { harness in
      var random = SeededNumbers(seed: 20_261_121)
      for round in 0..<100 {
        try await harness.shake(using: &random)
        let names = Self.scripts.keys.sorted()
        let name = names[round % names.count]
        let script = try #require(Self.scripts[name])
        try await compare(script, harness, "round \(round): \(name)")
      }
    }
  }

  private func compare(_ script: String, _ harness: ScriptHarness, _ title: Comment) async throws {
    let before = try await harness.effectiveVersions()
    let planned = try await harness.plan(script)
    #expect(try await harness.effectiveVersions() == before, "a plan changes nothing; \(title)")

    let made = Mutex<[APIChange]>([])
    let (_, result) = await harness.carryOut(script) { change in made.withLock { $0.append(change) } }
    let steps = made.withLock { $0 }
    let after = try await harness.effectiveVersions()

    // The same value or error for the script.
    switch (planned.result, result) {
    case (.success(let left), .success(let right)): #expect(left == right, title)
    case (.failure(let left), .failure(let right)):
      #expect(String(describing: left) == String(describing: right), title)
    default: Issue.record("the plan ends \(planned.result), the run \(result); \(title)")
    }

    // The same steps, in the same order, with the same failures; the answer of a batch tells those apart from the rest.
    let plannedSteps = await planned.gateway.changes
    #expect(
      plannedSteps.filter { $0.failure == nil }.map(\.apiID) == steps.filter { $0.error == nil }.map(\.apiID), title)
    #expect(
      plannedSteps.compactMap { step in step.failure.map { [step.apiID, $0.code?.rawValue] } }
        == steps.compactMap { step in step.error.map { [step.apiID, $0.code?.rawValue] } }, title)

    // From which version to which, as the gateway itself tells.
    let verdicts = await planned.verdicts()
    for verdict in verdicts {
      let key = [verdict.apiID, verdict.environmentID ?? ""]
      guard case .willChange = verdict.outcome else {
        #expect(before[key] == after[key], title)
        continue
      }
      #expect(verdict.from.id == before[key], title)
      switch verdict.to {
      case .none: #expect(after[key] == nil, title)
      case .kept(let id, _): #expect(after[key] == id, title)
      case .made:
        let new = try #require(after[key], title)
        #expect(!before.values.contains(new), title)
      }
    }
    let moved = Set(before.keys).union(after.keys).filter { before[$0] != after[$0] }
    let announced = verdicts.filter { $0.outcome == .willChange }.map { [$0.apiID, $0.environmentID ?? ""] }
    #expect(moved == Set(announced), title)
  }
}

/// A sequence of random numbers that is the same each time.
struct SeededNumbers: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}

extension ScriptHarness {
  /// Publishes, takes offline, switches and edits at random.
  fileprivate func shake(using random: inout SeededNumbers) async throws {
    let apis = try await client.all(ListAPIs()).items.compactMap(\.id)
    let environments = try await client.all(ListEnvironments()).items.compactMap(\.id)
    for _ in 0..<Int.random(in: 3...12, using: &random) {
      guard let api = apis.randomElement(using: &random), let environment = environments.randomElement(using: &random)
      else { return }
      let history = try await client.all(History(apiID: api, environmentID: environment)).items
      switch Int.random(in: 0..<10, using: &random) {
      case 0..<5:
        for _ in 0..<Int.random(in: 1...4, using: &random) {
          _ = try await client.perform(Publish(apiID: api, environmentID: environment))
        }
      case 5..<6 where history.contains(where: \.isEffective):
        _ = try await client.perform(Offline(apiID: api, environmentID: environment))
      case 6..<8:
        guard let version = history.randomElement(using: &random)?.versionID else { continue }
        _ = try await client.perform(SwitchVersion(apiID: api, versionID: version))
      default: try await edit(api, remark: "edit \(random.next())")
      }
    }
  }
}
