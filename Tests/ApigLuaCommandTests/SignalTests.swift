import Foundation
import GatewayTestSupport
import Subprocess
import SystemPackage
import Testing

/// Ctrl-C and SIGTERM end a run cleanly; a second one ends it at once.
@Suite(.timeLimit(.minutes(5))) struct SignalTests {
  @Test(arguments: [(Signal.interrupt, 130), (.terminate, 143)] as [(Signal, Int32)])
  func aSignalStopsAWaitingScript(_ signal: Signal, _ status: Int32) async throws {
    try await withTemporaryFolder { folder in
      try await withScriptedServer(answer: { _ in .silence }) { server in
        var command = Command(in: folder)
        command.variables["APIG_TOKEN"] = "t"
        try command.configure(endpoint: server.url)
        // The script cannot hold on by catching what ends it.
        let code = "io = nil print('started') pcall(apig.envs, {}) print('went on')"
        let run = try await Subprocess.run(
          .path(FilePath(Command.binary)), arguments: ["-e", code], environment: .custom(command.environment),
          workingDirectory: FilePath(folder.path), input: .none, output: .sequence, error: .discarded
        ) { process in
          var lines: [String] = []
          for try await line in process.standardOutput.strings() {
            lines.append(line)
            // The request is on its way when the server has it.
            while server.requests.isEmpty { try await Task.sleep(for: .milliseconds(1)) }
            try process.send(signal: signal)
          }
          return lines.map { $0.trimmingCharacters(in: .newlines) }
        }
        #expect(run.closureResult == ["started"])
        #expect(run.terminationStatus == .exited(status))
      }
    }
  }

  @Test func aSignalStopsAScriptThatOnlyComputes() async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      let run = try await Subprocess.run(
        .path(FilePath(Command.binary)), arguments: ["-e", "print('started') while true do end"],
        environment: .custom(command.environment), workingDirectory: FilePath(folder.path), input: .none,
        output: .sequence, error: .discarded
      ) { process in
        for try await _ in process.standardOutput.strings() { try process.send(signal: .interrupt) }
      }
      #expect(run.terminationStatus == .exited(130))
    }
  }
}
