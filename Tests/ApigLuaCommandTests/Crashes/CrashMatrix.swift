import Foundation
import GatewayTestSupport
import Subprocess
import SystemPackage
import Testing

/// Kills a run after each entry of its journal in turn, or while each of its changes is on its way, lets another
/// process go on with it, and compares what comes of it with a run that nobody killed.
struct CrashMatrix: Sendable {
  let script: String
  /// A path is one of the gateway's own address.
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
    let expected = try await unharmed()
    var entry = first
    while try await killed(after: entry, expected) { entry += Self.step }
    #expect(entry > 4, "the run was not killed once")
  }

  /// Kills it while a request is on its way: before it arrived, or after it was carried out.
  ///
  /// - Parameter least: how many changes it sends at least.
  func run(holding hold: HoldingRelay.Hold, least: Int) async throws {
    let expected = try await unharmed()
    var number = 1
    while try await killed(waitingFor: number, hold, expected) { number += 1 }
    #expect(number > least, "too few requests were held")
  }

  private struct Outcome {
    let state: String
    let output: String
  }

  private func unharmed() async throws -> Outcome {
    try await withTemporaryFolder { folder in
      let command = try prepared(folder)
      try await setUp(command)
      let run = try await command.run(options + ["script.lua"] + arguments)
      #expect(run.status == status, "\(run.messages)")
      return try await outcome(run, command)
    }
  }

  /// - Returns: whether the run came to that entry.
  private func killed(after entry: Int, _ expected: Outcome) async throws -> Bool {
    try await withTemporaryFolder { folder in
      var command = try prepared(folder)
      try await setUp(command)
      command.variables["APIG_LUA_CRASH_AFTER_ENTRY"] = String(entry)
      let crashed = try await command.run(options + ["script.lua"] + arguments)
      guard crashed.status == -1 else { return false }
      // The process that goes on is killed, too, before the third one comes through.
      command.variables["APIG_LUA_CRASH_AFTER_ENTRY"] = String(entry + 5)
      let again = try await command.run(["resume", "last"] + options)
      command.variables["APIG_LUA_CRASH_AFTER_ENTRY"] = nil
      var end = again
      if again.status == -1 { end = try await command.run(["resume", "last"] + options) }
      try await check(end, command, expected, "after entry \(entry)")
      return true
    }
  }

  /// - Returns: whether there was such a request.
  private func killed(waitingFor number: Int, _ hold: HoldingRelay.Hold, _ expected: Outcome) async throws -> Bool {
    try await withTemporaryFolder { folder in
      try await withLocalServer(in: folder, options: ["--data", folder.appending(path: "gateway.db").path]) { url in
        let port = try #require(Int(url.split(separator: ":").last ?? ""))
        return try await withHoldingRelay(to: port) { relay in
          var command = try prepared(folder)
          command.variables["APIG_TOKEN"] = "local-token"
          try command.configure(endpoint: relay.url, lines: "propagation: 0s")
          try await setUp(command)
          // One request for each change, so that each can be held.
          let words = options + ["--no-join", "script.lua"] + arguments.map { $0.hasPrefix("/") ? relay.url + $0 : $0 }
          relay.hold(number, hold)
          guard try await Self.isKilled(command, words, relay) else { return false }
          relay.hold(nil, hold)
          let end = try await command.run(["resume", "last"] + options)
          try await check(end, command, expected, "request \(number)")
          return true
        }
      }
    }
  }

  private static func isKilled(
    _ command: Command, _ arguments: [String], _ relay: HoldingRelay
  ) async throws -> Bool {
    let run = try await Subprocess.run(
      .path(FilePath(Command.binary)), arguments: Arguments(arguments), environment: .custom(command.environment),
      workingDirectory: FilePath(command.folder.path), input: .none, output: .sequence, error: .discarded
    ) { process in
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
          await relay.untilHeld()
          if !Task.isCancelled { try process.send(signal: .kill) }
        }
        for try await _ in process.standardOutput.strings() {}
        group.cancelAll()
      }
    }
    return run.terminationStatus == .signaled(9)
  }

  private func check(_ end: Command.Result, _ command: Command, _ expected: Outcome, _ moment: String) async throws {
    #expect(end.status == status, "\(moment): \(end.messages)")
    let outcome = try await outcome(end, command)
    #expect(outcome.output == expected.output, "\(moment)")
    #expect(outcome.state == expected.state, "\(moment): \(end.messages)")
  }

  private func outcome(_ run: Command.Result, _ command: Command) async throws -> Outcome {
    Outcome(state: try await GatewayState.read(command), output: Self.value(run.output))
  }

  /// The last line: those before may tell times.
  private static func value(_ output: String) -> String { output.split(separator: "\n").last.map(String.init) ?? "" }

  private func prepared(_ folder: URL) throws -> Command {
    let command = Command(in: folder)
    try command.write(script, to: "script.lua")
    return command
  }

  private func setUp(_ command: Command) async throws {
    guard let setup else { return }
    let run = try await command("-q", "-e", setup)
    #expect(run.status == 0, "\(run.messages)")
  }
}
