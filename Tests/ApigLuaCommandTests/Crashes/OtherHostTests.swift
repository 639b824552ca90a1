import Foundation
import GatewayAPI
import GatewayTestSupport
import RunJournal
import SQLiteJournal
import Testing

/// A run that was begun on another host, whose processes cannot be seen from here: its lock tells.
@Suite(.timeLimit(.minutes(10))) struct OtherHostTests {
  private static let script = """
    for _, name in ipairs { "pay-status", "pay-quote" } do apig.publish { api = name, env = "STAGING" } end
    return "done"
    """

  /// A run that was cut off after its first publication, on a host of another name.
  private func with(
    _ body:
      @escaping @Sendable (Command, _ moveLock: @Sendable (_ lasting: Int64) async throws -> Void) async throws
      -> Void
  ) async throws {
    try await withTemporaryFolder { folder in
      var command = Command(in: folder)
      try command.write(Self.script, to: "release.lua")
      // 1: a name, 2 and 3: the first publication.
      command.variables["APIG_LUA_CRASH_AFTER_ENTRY"] = "3"
      let crashed = try await command("release.lua")
      #expect(crashed.status == -1)
      command.variables["APIG_LUA_CRASH_AFTER_ENTRY"] = nil
      let path = folder.appending(path: ".local/state/apig-lua/journal.db").path
      let journal = try SQLiteJournal(path: path)
      var record = try #require(try await journal.runs(limit: 1).first)
      record.host = "jump7"
      try await journal.update(record)
      try journal.close()
      let run = record
      try await body(command) { seconds in
        let journal = try SQLiteJournal(path: path)
        let lease = try #require(try await journal.leases().first)
        let now = Timestamp.now()
        // A lease whose time is up is the same run's to take.
        _ = try await journal.acquire(
          LeaseClaim(
            scope: lease.fence.scope, run: run.id, holder: "ops@jump7", host: "jump7", process: run.process,
            command: run.command, expires: Timestamp(seconds: now.seconds + seconds)),
          now: Timestamp(seconds: now.seconds + 86_400))
        try journal.close()
      }
    }
  }

  @Test(arguments: ["resume", "rollback"])
  func whileItsLockLastsTheHostIsNamed(_ action: String) async throws {
    try await with { command, moveLock in
      try await moveLock(600)
      let working = try await command("status", "last")
      #expect(!working.output.contains("apig-lua resume"), "\(working.output)")
      let before = try await GatewayState.read(command)
      let refused = try await command(action, "last")
      #expect(refused.status == 7, "\(refused.messages)")
      #expect(refused.messages.contains("is at work on another host"), "\(refused.messages)")
      #expect(refused.messages.contains("on jump7, whose lock on local/STAGING holds until"), "\(refused.messages)")
      #expect(try await GatewayState.read(command) == before)
    }
  }

  @Test func whenItsLockHasLapsedItGoesOn() async throws {
    try await with { command, moveLock in
      try await moveLock(-1)
      let status = try await command("status", "last")
      #expect(status.output.contains("go on where it stopped, if it is gone from jump7"), "\(status.output)")
      let resumed = try await command("resume", "last")
      #expect(resumed.status == 0 && resumed.output == "done\n", "\(resumed.messages)")
    }
  }
}
