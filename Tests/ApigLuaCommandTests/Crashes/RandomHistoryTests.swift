import Foundation
import GatewayAPI
import GatewayTestSupport
import Testing

/// Random releases on a gateway that fails at random, killed at random, with others at work beside them: at the end every
/// API is where the report says that it is, and what is reported undone is as it was.
@Suite(.timeLimit(.minutes(60))) struct RandomHistoryTests {
  /// 200 with `APIG_LUA_EVERY_CRASH=1`.
  static var seeds: ClosedRange<UInt64> {
    1...(ProcessInfo.processInfo.environment["APIG_LUA_EVERY_CRASH"] == nil ? 24 : 200)
  }

  @Test(arguments: seeds)
  func everyAPIIsWhereTheReportSays(_ seed: UInt64) async throws {
    try await withTemporaryFolder { folder in
      var history = RandomHistory(seed: seed, command: Command(in: folder))
      try await history.check()
    }
  }
}

/// One of them.
private struct RandomHistory {
  private static let apis = ["pay-create", "pay-refund", "pay-webhook", "pay-status", "pay-quote", "order-list"]
  private static let state = """
    local result = {}
    for _, api in ipairs(apig.apis {}) do
      local version = apig.history { api = api, env = "RELEASE" }:effective()
      result[api.id] = version and version.version_id or "none"
    end
    return result
    """

  let seed: UInt64
  let command: Command
  private var generator: SplitMix
  private var foreign: Set<String> = []

  init(seed: UInt64, command: Command) {
    self.seed = seed
    self.command = command
    generator = SplitMix(state: seed)
  }

  mutating func check() async throws {
    try await prepare()
    let before = try await running(command)
    let script = script()
    try command.write(script, to: "script.lua")
    let faults = faults()
    for fault in faults { _ = try await command("local", "fault", fault) }
    var end = try await run(["--output", "json", "script.lua"])
    var tries = 0
    while end.status == -1 || [130, 69].contains(end.status), tries < 4 {
      tries += 1
      if Bool.random(using: &generator) { try await changeSomethingElsewhere() }
      end = try await run(["resume", "last", "--output", "json"])
    }
    _ = try await command("local", "fault", "--clear")
    let comment: Comment = "seed \(seed), \(faults), exit \(end.status)\n\(script)\n\(end.messages)"
    guard end.status != -1 else { return }
    let report = try Document(json: end.output)
    let after = try await running(command)
    var mentioned: Set<String> = []
    for change in report["apis"]?.arrayValue ?? [] {
      guard let api = change["api"]?.stringValue, !foreign.contains(api) else { continue }
      mentioned.insert(api)
      switch change["state"]?.stringValue {
      case "changed"?: #expect(after[api] == change["after"]?["version_id"]?.stringValue ?? "none", comment)
      case "undone"?, "failed"?: #expect(after[api] == before[api], comment)
      case "undo_failed"?, "unknown"?: break
      default: Issue.record("state \(change["state"] ?? .null): \(comment)")
      }
    }
    for (api, version) in before where !mentioned.contains(api) && !foreign.contains(api) {
      #expect(after[api] == version, comment)
    }
    if end.status == 4 {
      for (api, version) in before where !foreign.contains(api) { #expect(after[api] == version, comment) }
    }
  }

  /// Some versions to go back to, some of it switched back already.
  private mutating func prepare() async throws {
    var lines = ["local apis = apig.apis {}"]
    for _ in 0..<Int.random(in: 0...8, using: &generator) {
      let api = Self.apis.randomElement(using: &generator) ?? ""
      lines.append(
        Bool.random(using: &generator)
          ? "apig.publish { api = '\(api)', env = 'RELEASE' }"
          : "pcall(apig.switch_version, { api = '\(api)', env = 'RELEASE', version = -1 })")
    }
    _ = try await command("-q", "-e", lines.joined(separator: "\n"))
  }

  private func running(_ command: Command) async throws -> [String: String] {
    let result = try await command("-q", "-e", Self.state)
    return (try Document(json: result.output)).objectValue?.compactMapValues(\.stringValue) ?? [:]
  }

  private mutating func script() -> String {
    let body = (0..<Int.random(in: 1...5, using: &generator)).map { _ in step() }.joined(separator: "\n")
    let end = Int.random(in: 0..<3, using: &generator) == 0 ? "error('the end')" : ""
    return Bool.random(using: &generator) ? "apig.with_rollback(function()\n\(body)\n\(end)\nend)" : "\(body)\n\(end)"
  }

  private mutating func step() -> String {
    let api = Self.apis.randomElement(using: &generator) ?? ""
    switch Int.random(in: 0..<6, using: &generator) {
    case 0: return "apig.publish { api = '\(api)', env = 'RELEASE' }"
    case 1: return "apig.publish { apis = { '\(api)', 'pay-methods', 'order-show' }, env = 'RELEASE' }"
    case 2: return "pcall(apig.offline, { api = '\(api)', env = 'RELEASE' })"
    case 3: return "pcall(apig.switch_version, { api = '\(api)', env = 'RELEASE', version = -1 })"
    case 4:
      return "apig.each({ 'pay-report', 'pay-cancel', '\(api)' }, function(name) "
        + "apig.publish { api = name, env = 'RELEASE' } end)"
    default:
      return "pcall(apig.with_rollback, function() apig.publish { api = '\(api)', env = 'RELEASE' } error('x') end)"
    }
  }

  private mutating func faults() -> [String] {
    let all = [
      "publish: 500 after-apply p=0.2 seed=\(seed)", "publish: 503 p=0.2 seed=\(seed)",
      "batch: drop after-apply p=0.3 seed=\(seed)", "switch_version: 502 after-apply p=0.3 seed=\(seed)",
      "offline: drop p=0.3 seed=\(seed)", "history: 500 p=0.1 seed=\(seed)", "*: 429 p=0.1 seed=\(seed)",
    ]
    return all.filter { _ in Int.random(in: 0..<3, using: &generator) == 0 }
  }

  /// Runs the command, killed at random.
  private mutating func run(_ arguments: [String]) async throws -> Command.Result {
    var command = command
    if Int.random(in: 0..<3, using: &generator) > 0 {
      command.variables["APIG_LUA_CRASH_AFTER_ENTRY"] = String(Int.random(in: 1...40, using: &generator))
    }
    return try await command.run(arguments)
  }

  /// Another machine, which knows nothing of this one's journal, changes an API.
  private mutating func changeSomethingElsewhere() async throws {
    var elsewhere = command
    elsewhere.variables["XDG_STATE_HOME"] = command.folder.appending(path: "elsewhere").path
    let name = Self.apis.randomElement(using: &generator) ?? ""
    let changed = try await elsewhere(
      "-q", "-e", "return apig.publish { api = '\(name)', env = 'RELEASE' }.api_id")
    if changed.status == 0 { foreign.insert(changed.output.trimmingCharacters(in: .newlines)) }
  }
}

/// A small generator, the same on every machine.
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }
}
