import Foundation
import GatewayTestSupport
import Testing

/// Kills a run after each entry of its journal in turn, lets another process go on with it, and compares what comes of
/// it with a run that nobody killed.
struct CrashMatrix: Sendable {
  let script: String
  var arguments: [String] = []
  /// Of apig-lua, before the script.
  var options: [String] = []
  /// Run before the script, and never killed.
  var setup: String?
  /// How the run ends when nobody kills it.
  var status: Int32 = 0

  /// Every entry with `APIG_LUA_EVERY_CRASH=1`, else a sample.
  static var step: Int { ProcessInfo.processInfo.environment["APIG_LUA_EVERY_CRASH"] == nil ? 4 : 1 }

  /// - Parameter first: where the sample begins.
  func run(from first: Int = 1) async throws {
    let expected = try await withTemporaryFolder { folder in
      let command = try await prepared(folder)
      let run = try await command.run(options + ["script.lua"] + arguments)
      #expect(run.status == status, "\(run.messages)")
      return (state: try await GatewayState.read(command), output: Self.value(run.output))
    }
    var entry = first
    while try await killed(after: entry, expected) { entry += Self.step }
    #expect(entry > 4, "the run was not killed once")
  }

  /// - Returns: whether the run came to that entry.
  private func killed(after entry: Int, _ expected: (state: String, output: String)) async throws -> Bool {
    try await withTemporaryFolder { folder in
      var command = try await prepared(folder)
      command.variables["APIG_LUA_CRASH_AFTER_ENTRY"] = String(entry)
      let crashed = try await command.run(options + ["script.lua"] + arguments)
      guard crashed.status == -1 else { return false }
      // The process that goes on is killed, too, before the third one comes through.
      command.variables["APIG_LUA_CRASH_AFTER_ENTRY"] = String(entry + 5)
      let again = try await command.run(["resume", "last"] + options)
      command.variables["APIG_LUA_CRASH_AFTER_ENTRY"] = nil
      var end = again
      if again.status == -1 { end = try await command.run(["resume", "last"] + options) }
      #expect(end.status == status, "after entry \(entry): \(end.messages)")
      #expect(Self.value(end.output) == expected.output, "after entry \(entry)")
      let state = try await GatewayState.read(command)
      #expect(state == expected.state, "after entry \(entry): \(end.messages)")
      return true
    }
  }

  /// The last line: those before may tell times.
  private static func value(_ output: String) -> String { output.split(separator: "\n").last.map(String.init) ?? "" }

  private func prepared(_ folder: URL) async throws -> Command {
    let command = Command(in: folder)
    try command.write(script, to: "script.lua")
    if let setup {
      let run = try await command("-q", "-e", setup)
      #expect(run.status == 0, "\(run.messages)")
    }
    return command
  }
}
