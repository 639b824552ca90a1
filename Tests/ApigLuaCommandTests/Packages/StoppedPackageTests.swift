import Foundation
import GatewayTestSupport
import Subprocess
import Testing

/// A session that is stopped while a package is at work.
@Suite(.timeLimit(.minutes(5))) struct StoppedPackageTests {
  private static let package = """
    local M = {}
    function M.slow()
      print("slow " .. "begins")
      apig.wait { time = "2s" }
      apig.publish { api = "pay-create", env = "RELEASE" }
    end
    function M.other()
      print("other " .. "begins")
      apig.wait { time = "5s" }
      return "other ends"
    end
    function M.quick() return "quick " .. "ends" end
    return M
    """

  @Test(arguments: [["--trust-unsigned"], []])
  func nothingOfItGoesOnInTheNextInput(_ flags: [String]) async throws {
    try await RotateProject.with(permissions: ["publish:RELEASE"], ["init.lua": Self.package]) { project in
      try await project.add()
      let prompt = "local> "
      let run = try await project.command.onTerminal(
        flags, columns: 80, watching: .screen,
        typing: [
          .init(prompt, "before = #apig.history { api = 'pay-create', env = 'RELEASE' }"),
          .init(prompt, "r = require 'acme.rotate'"), .init(prompt, "r.slow()"),
          .init("slow begins", sending: .interrupt), .init(prompt, "r.other()"), .init(prompt, "r.quick()"),
          .init(prompt, "#apig.history { api = 'pay-create', env = 'RELEASE' } == before"),
          .init(prompt, keys: "\u{4}"),
        ])
      let lines = run.lines(columns: 80)
      #expect(run.status == .exited(0), "\(lines)")
      #expect(lines.count { $0 == "✘ stopped" } == 1, "\(lines)")
      #expect(lines.contains("other ends") && lines.contains("quick ends") && lines.contains("true"), "\(lines)")
      #expect(!lines.contains { $0.contains("published") }, "\(lines)")
    }
  }
}
