import Foundation
import GatewayTestSupport
import Subprocess
import SystemPackage
import Testing

/// `--isolate`: the same to a script, and killable whatever it does.
@Suite(.timeLimit(.minutes(5))) struct IsolationTests {
  @Test func theReleaseIsTheSame() async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      let first = try await command("--isolate", ReleaseTests.playbook, "--group", "payments")
      #expect(first.status == 0, "\(first.messages)")
      #expect(first.output == "{\"published\":3}\n")
      let help = try await command("--isolate", ReleaseTests.playbook, "--help")
      #expect(help.output.contains("--group"))
      let second = try await command("--isolate", ReleaseTests.playbook, "--group", "payments")
      #expect(second.output == "{\"published\":0}\n")
    }
  }

  @Test func errorsAndModulesAreTheSame() async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      try command.write("return { name = 'no-such-api' }", to: "which.lua")
      try command.write(
        "local which = require 'which'\nprint(which.name)\n  apig.publish { api = which.name, env = 'RELEASE' }",
        to: "script.lua")
      let inProcess = try await command("script.lua"), isolated = try await command("--isolate", "script.lua")
      #expect(isolated.status == 1)
      #expect(isolated.output == "no-such-api\n")
      #expect(isolated.messages.contains("no-such-api"))
      #expect(isolated.messages.contains("    |        ^\n"), "\(isolated.messages)")
      #expect(isolated.messages == inProcess.messages)
      #expect(isolated.output == inProcess.output)
    }
  }

  static let bombs = [
    // Integer keys that collide; calls through a chain; weak tables in a zigzag.
    "local m = (2^18 - 1) * (2^19 - 1) // 1 | 0 local t = {} for i = 1, 2^19 do t[i * m] = true end",
    "local c = print for i = 1, 3e5 do c = setmetatable({}, { __call = c }) end c()",
    """
    local n, tables, order, low, high = 70000, {}, {}, 1, 70000
    for i = 1, n do if i % 2 == 1 then order[i] = low low = low + 1 else order[i] = high high = high - 1 end end
    for i = 1, n do local m = {} tables[i] = setmetatable({}, m) m.__mode = 'k' end
    local key = {}
    local first = key
    for i = 1, n do local next = {} tables[order[i]][key] = next key = next end
    key = nil
    collectgarbage()
    """,
  ]

  @Test(arguments: bombs, [["--isolate"], []])
  func whatNothingCanInterruptEndsAtItsLimit(_ code: String, _ options: [String]) async throws {
    try await withTemporaryFolder { folder in
      let run = try await Command(in: folder).run(options + ["--max-cpu", "200ms", "-e", code])
      #expect(run.status == 1)
      #expect(run.messages.hasPrefix("limit: time: "), "\(run.messages)")
    }
  }

  @Test func aCrashIsAnErrorOfItsOwn() async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      let run = try await Subprocess.run(
        .path(FilePath(Command.binary)),
        arguments: ["--isolate", "-e", "print('here') while true do end"],
        environment: .custom(command.environment), workingDirectory: FilePath(folder.path), input: .none,
        output: .sequence, error: .discarded
      ) { process in
        var lines: [String] = []
        for try await line in process.standardOutput.strings() {
          lines.append(line)
          // As a defect of the interpreter would end it.
          for child in try Self.children(of: process.processIdentifier.value) { kill(child, SIGSEGV) }
        }
        return lines.map { $0.trimmingCharacters(in: .newlines) }
      }
      #expect(run.closureResult == ["here"])
      #expect(run.terminationStatus == .exited(70))
    }
  }

  private static func children(of process: pid_t) throws -> [pid_t] {
    try FileManager.default.contentsOfDirectory(atPath: "/proc").compactMap { pid_t($0) }.filter { candidate in
      guard let status = try? String(contentsOfFile: "/proc/\(candidate)/status", encoding: .utf8) else { return false }
      return status.contains("PPid:\t\(process)\n")
    }
  }
}
