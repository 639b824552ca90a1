import Foundation
import GatewayTestSupport
import Glibc
import LuaRuntime
import ReleaseEngine
import Subprocess
import SystemPackage
import Testing

@testable import ApigLuaCommand

/// What a process leaves that a bug of ours ends: exit code 70, a file to report, and a run that goes on.
@Suite(.timeLimit(.minutes(10))) struct CrashFileTests {
  private static let script = """
    local p = apig.params { token = { type = "string", secret = true } }
    apig.publish { api = "pay-create", env = "RELEASE" }
    apig.publish { api = "pay-status", env = "RELEASE" }
    return p.token
    """
  private static let secret = "hush-hush-77"

  private struct Ended {
    let status: TerminationStatus
    let messages: String
  }

  /// Ends a run by a signal while its second change is on its way.
  private static func crashed(
    _ command: Command, _ signal: Int32, _ relay: HoldingRelay, words: [String]
  ) async throws -> Ended {
    relay.hold(2, .answer)
    let run = try await Subprocess.run(
      .path(FilePath(Command.binary)), arguments: Arguments(words), environment: .custom(command.environment),
      workingDirectory: FilePath(command.folder.path), input: .none, output: .discarded, error: .sequence
    ) { process in
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
          await relay.untilHeld()
          if !Task.isCancelled { try process.send(signal: Signal(rawValue: signal)) }
        }
        var messages = ""
        for try await line in process.standardError.strings() { messages += line }
        group.cancelAll()
        return messages
      }
    }
    relay.hold(nil, .answer)
    return Ended(status: run.terminationStatus, messages: run.closureResult)
  }

  private func withRelay(_ body: @escaping @Sendable (Command, HoldingRelay) async throws -> Void) async throws {
    try await withTemporaryFolder { folder in
      try await withLocalServer(in: folder, options: ["--data", folder.appending(path: "gateway.db").path]) { url in
        let port = try #require(Int(url.split(separator: ":").last ?? ""))
        try await withHoldingRelay(to: port) { relay in
          var command = Command(in: folder)
          command.variables["APIG_TOKEN"] = "local-token"
          command.variables["XDG_STATE_HOME"] = folder.appending(path: "state").path
          try command.configure(endpoint: relay.url, lines: "propagation: 0s")
          try command.write(Self.script, to: "weekly.lua")
          try await body(command, relay)
        }
      }
    }
  }

  private static func files(_ command: Command) throws -> [URL] {
    let folder = command.folder.appending(path: "state/apig-lua/crashes")
    guard FileManager.default.fileExists(atPath: folder.path) else { return [] }
    return try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
  }

  @Test(arguments: [(SIGSEGV, "SIGSEGV"), (SIGILL, "SIGILL"), (SIGTRAP, "SIGTRAP"), (SIGABRT, "SIGABRT")])
  func aRunGoesOnAfterACrash(_ signal: Int32, _ name: String) async throws {
    try await withRelay { command, relay in
      let words = ["--yes", "--no-join", "weekly.lua", "--token", Self.secret]
      let ended = try await Self.crashed(command, signal, relay, words: words)
      #expect(ended.status == .exited(70), "\(ended.status)\(ended.messages)")
      let file = try #require(try Self.files(command).first)
      let mode = try FileManager.default.attributesOfItem(atPath: file.path)[.posixPermissions] as? Int
      #expect(mode == 0o600)
      let bytes = try Data(contentsOf: file)
      for secret in [Self.secret, "local-token", "weekly", "pay-create"] {
        #expect(bytes.firstRange(of: Data(secret.utf8)) == nil, "\(secret)")
      }
      let text = String(decoding: bytes, as: UTF8.self)
      let run = try #require(text.firstMatch(of: /run: (r-\w+)/)?.1)
      #expect(text.hasPrefix("apig-lua \(ApigLua.version)\nplatform: Linux "), "\(text)")
      #expect(text.contains("command: run\n") && text.contains("reason: \(name), sent by process "), "\(text)")
      #expect(text.matches(of: /\[0x[0-9a-f]+\]/).count > 3, "\(text)")
      #expect(ended.messages.contains(file.path) && ended.messages.contains(": apig-lua resume \(run)"))
      let told = try await command("doctor", "--offline")
      #expect(told.output.contains(file.deletingLastPathComponent().path), "\(told.output)")
      let resumed = try await command("resume", "--yes", "-p", "token=\(Self.secret)", "last")
      #expect(resumed.status == 0, "\(resumed.messages)")
      #expect(try Self.files(command).count == 1)
    }
  }

  /// Developers have Swift itself look for the fault.
  @Test func swiftsOwnBacktraceIsLeftAlone() async throws {
    try await withRelay { command, relay in
      var command = command
      command.variables["SWIFT_BACKTRACE"] = "enable=no"
      let words = ["--yes", "--no-join", "weekly.lua", "--token", Self.secret]
      let ended = try await Self.crashed(command, SIGSEGV, relay, words: words)
      #expect(ended.status == .signaled(SIGSEGV), "\(ended.status)")
      #expect(try Self.files(command).isEmpty)
    }
  }

  /// Where no run is under way there is nothing to go on with; where no folder can be made, no file.
  @Test func aCrashOutsideOfARunIsToldTooAndNeedsNoFolder() async throws {
    try await withTemporaryFolder { folder in
      for isWritable in [true, false] {
        var command = Command(in: folder)
        try command.write("no folder", to: "file")
        let state = isWritable ? "state" : "file"
        command.variables["XDG_STATE_HOME"] = folder.appending(path: state).path
        let run = try await Subprocess.run(
          .path(FilePath(Command.binary)), arguments: ["local", "start"], environment: .custom(command.environment),
          input: .none, output: .sequence, error: .string(limit: 1 << 16)
        ) { process in
          for try await _ in process.standardOutput.strings() {
            try process.send(signal: Signal(rawValue: SIGBUS))
            break
          }
        }
        #expect(run.terminationStatus == .exited(70))
        let messages = run.standardError
        #expect(messages.contains("ended by a bug of ours: SIGBUS") && !messages.contains("resume"), "\(messages)")
        #expect(messages.contains("/crashes/") == isWritable, "\(messages)")
        #expect(try Self.files(command).count == 1)
      }
    }
  }

  /// The thread of a script has no room left for a handler.
  @Test func anOverflowOfTheScriptsThreadIsTold() async throws {
    try await withTemporaryFolder { folder in
      await #expect(processExitsWith: .exitCode(70)) { [path = folder.path as String] in
        CrashFile.watch(EnvironmentVariables(["XDG_STATE_HOME": path]), command: "test")
        @Sendable func overflow(_ number: Int) -> Int { number == .max ? 0 : number &+ overflow(number &+ 1) }
        let module = LuaModule(
          name: "host", functions: [.sync("overflow") { call in [.integer(Int64(overflow(call.arguments.count)))] }])
        _ = try await LuaEngine(modules: [module]) { _ in }.run(LuaChunk(name: "a", source: "return host.overflow()"))
      }
      let crashes = folder.appending(path: "apig-lua/crashes")
      let name = try #require(try FileManager.default.contentsOfDirectory(atPath: crashes.path).first)
      let text = try String(contentsOf: crashes.appending(path: name), encoding: .utf8)
      #expect(text.contains("reason: SIGSEGV at address 0x"), "\(text)")
    }
  }

  private struct Unforeseen: Error {
    let secret = CrashFileTests.secret
  }

  @Test func anErrorThatNobodyForesawIsABug() async throws {
    #expect(ExitStatus(error: Unforeseen(), changes: RunChanges(), signal: nil) == .internalError)
    let script = LuaError(code: .runtime, message: "the script's own")
    #expect(ExitStatus(error: script, changes: RunChanges(), signal: nil) == .scriptFailed)
    try await withTemporaryFolder { folder in
      _ = await #expect(processExitsWith: .success) { [path = folder.path as String] in
        let variables = EnvironmentVariables(["XDG_STATE_HOME": path])
        CrashFile.watch(variables, command: "run")
        let style = Style(.never, variables: variables, stream: .error)
        ErrorReport(error: LuaError(code: .runtime, message: "the script's own"), style: style).tell()
        #expect(CrashFile.make() == nil)
        ErrorReport(error: Unforeseen(), style: style).tell()
        let file = try #require(CrashFile.make())
        let text = try String(contentsOfFile: file, encoding: .utf8)
        #expect(text.contains("Unforeseen") && !text.contains(CrashFileTests.secret), "\(text)")
      }
    }
  }
}
