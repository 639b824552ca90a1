import GatewayTestSupport
import Testing

/// What becomes of a run whose script is no longer what it was.
@Suite(.timeLimit(.minutes(10))) struct ChangedScriptTests {
  private static let script = """
    local names = require "names"
    for _, name in ipairs(names) do apig.publish { api = name, env = "STAGING" } end
    return #names
    """

  /// A run that was cut off after its first publication.
  private static func with(
    _ body: @escaping @Sendable (Command) async throws -> Void
  ) async throws {
    try await withTemporaryFolder { folder in
      var command = Command(in: folder)
      try command.write(script, to: "release.lua")
      try command.write("return { 'pay-status', 'pay-quote' }", to: "names.lua")
      // 1: the module, 2: a name, 3 and 4: the first publication.
      command.variables["APIG_LUA_CRASH_AFTER_ENTRY"] = "4"
      let crashed = try await command("release.lua")
      #expect(crashed.status == -1)
      command.variables["APIG_LUA_CRASH_AFTER_ENTRY"] = nil
      let calm = command
      try await body(calm)
    }
  }

  @Test func aChangedScriptIsRefusedAndAcceptedWhenItDoesTheSame() async throws {
    try await Self.with { command in
      try command.write("-- a comment\n" + Self.script, to: "release.lua")
      let refused = try await command("resume", "last")
      #expect(refused.status == 64)
      #expect(refused.messages.contains("release.lua has changed since"), "\(refused.messages)")
      #expect(refused.messages.contains("--accept-change"))
      let accepted = try await command("resume", "last", "--accept-change")
      #expect(accepted.status == 0 && accepted.output == "2\n", "\(accepted.messages)")
    }
  }

  /// What it may do besides is what the run may do: here a probe of what the local gateway serves.
  @Test func aChangedScriptMayReadMoreThanItDid() async throws {
    try await Self.with { command in
      try command.write("apig.http.get { url = '/nowhere' }\n" + Self.script, to: "release.lua")
      let accepted = try await command("resume", "last", "--accept-change")
      #expect(accepted.status == 0 && accepted.output == "2\n", "\(accepted.messages)")
    }
  }

  /// Whether it may is for the run itself to ask, once: the rehearsal leaves it there.
  @Test func whatAChangedScriptNeedsAGrantForIsAskedByTheRun() async throws {
    try await Self.with { command in
      try command.write("apig.http.get { url = 'http://elsewhere.example/' }\n" + Self.script, to: "release.lua")
      let refused = try await command("resume", "last", "--accept-change")
      #expect(refused.status != 8 && refused.status != 0, "\(refused.status) \(refused.messages)")
      #expect(refused.messages.contains("http://elsewhere.example"), "\(refused.messages)")
    }
  }

  @Test func aChangedModuleIsRefused() async throws {
    try await Self.with { command in
      try command.write("return { 'pay-status' }", to: "names.lua")
      let refused = try await command("resume", "last")
      #expect(refused.status == 64 && refused.messages.contains("module 'names' has changed"), "\(refused.messages)")
    }
  }

  @Test func aScriptThatDoesSomethingElseIsToldBothSidesAndNothingIsSent() async throws {
    try await Self.with { command in
      try command.write("return { 'pay-report', 'pay-quote' }", to: "names.lua")
      let before = try await GatewayState.read(command)
      let refused = try await command("resume", "last", "--accept-change")
      #expect(refused.status == 8, "\(refused.messages)")
      #expect(refused.messages.contains("the journal has 'publish pay-status in STAGING' here (release.lua:2)"))
      #expect(refused.messages.contains("the script now asks for 'publish pay-report in STAGING' (release.lua:2)"))
      #expect(try await GatewayState.read(command) == before)
    }
  }

  @Test func aScriptThatEndsEarlierIsToldSo() async throws {
    try await Self.with { command in
      try command.write("return 0", to: "release.lua")
      let refused = try await command("resume", "last", "--accept-change")
      #expect(refused.status == 8 && refused.messages.contains("comes to its end without it"), "\(refused.messages)")
    }
  }

  @Test func aScriptThatIsGoneIsRefusedAndItsRunCanBeUndone() async throws {
    try await Self.with { command in
      try command.remove("release.lua")
      let refused = try await command("resume", "last")
      #expect(refused.status == 64 && refused.messages.contains("cannot be read any more"), "\(refused.messages)")
      let undone = try await command("rollback", "last")
      #expect(undone.status == 0 && undone.messages.contains("1 undone"), "\(undone.messages)")
      let again = try await command("rollback", "last")
      #expect(again.status == 0, "\(again.messages)")
      let resumed = try await command("resume", "last")
      #expect(resumed.status == 64 && resumed.messages.contains("was undone"), "\(resumed.messages)")
    }
  }

  @Test func anUnknownRunIsRefusedWithASuggestion() async throws {
    try await Self.with { command in
      let unknown = try await command("resume", "r-0000000000")
      #expect(unknown.status == 64 && unknown.messages.contains("the journal has no run 'r-0000000000'"))
    }
  }
}
