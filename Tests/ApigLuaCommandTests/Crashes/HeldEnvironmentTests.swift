import Foundation
import GatewayTestSupport
import Subprocess
import SystemPackage
import Testing

/// Two processes on one environment: one works, the other hears who does.
@Suite(.timeLimit(.minutes(10))) struct HeldEnvironmentTests {
  /// Changes something and then waits for a group to appear.
  private static let holder = """
    apig.publish { api = "pay-quote", env = "STAGING" }
    print("holding")
    repeat local found = apig.groups { name = "go-on" } until #found > 0
    apig.publish { api = "pay-report", env = "STAGING" }
    return "done"
    """

  private static let other = "apig.publish { api = 'pay-cancel', env = 'STAGING' }"

  @Test func theOtherHearsWhoHoldsItAndAKilledHoldersRunGoesOn() async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      try command.write(Self.holder, to: "holder.lua")
      let run = try await Subprocess.run(
        .path(FilePath(Command.binary)), arguments: ["holder.lua"], environment: .custom(command.environment),
        workingDirectory: FilePath(folder.path), input: .none, output: .sequence, error: .discarded
      ) { process in
        for try await _ in process.standardOutput.strings() { break }
        let refused = try await command("-e", Self.other)
        #expect(refused.status == 7)
        #expect(refused.messages.contains("local/STAGING is held by tester@"), "\(refused.messages)")
        #expect(refused.messages.contains("holder.lua"))
        let elsewhere = try await command("-e", Self.other.replacing("STAGING", with: "TEST"))
        #expect(elsewhere.status == 0, "another environment is free: \(elsewhere.messages)")
        let reading = try await command("-e", "return #apig.apis { env = 'STAGING' }")
        #expect(reading.status == 0, "reading needs no lock")
        try process.send(signal: .kill)
      }
      #expect(run.terminationStatus == .signaled(9))

      let refused = try await command("-e", Self.other)
      #expect(refused.status == 7)
      #expect(refused.messages.contains("an unfinished run holds local/STAGING"), "\(refused.messages)")
      #expect(refused.messages.contains("apig-lua resume r-"))

      _ = try await command("-e", "apig.create_group { name = 'go-on' }")
      let end = try await command("resume", "last")
      #expect(end.status == 0, "the group's run came later, and is at an end: \(end.messages)")
      #expect(end.output == "holding\ndone\n")
      #expect(try await command("resume", "last").status == 64, "now none is unfinished")
      #expect(try await command("-e", Self.other).status == 0)
      let versions = "return #apig.history { api = 'pay-quote', env = 'STAGING' }"
      #expect(try await command("-e", versions).output == "1\n")
    }
  }
}
