import Foundation
import GatewayTestSupport
import Subprocess
import Synchronization
import SystemPackage
import Testing

/// A gateway that is killed in the middle of work has everything that it said it had.
@Suite(.timeLimit(.minutes(10))) struct DurabilityTests {
  /// What clients were told, and the moment to kill.
  private final class Acknowledged: Sendable {
    private let lines = Mutex<[String]>([])

    var all: [String] { lines.withLock { $0 } }

    /// - Returns: how many there are.
    func add(_ line: String) -> Int {
      lines.withLock {
        $0.append(line)
        return $0.count
      }
    }
  }

  /// Makes and publishes APIs until the gateway goes; says each change that was answered.
  private static let writer = """
    local name = "NAME"
    local group = apig.create_group { name = name }
    print("group " .. group.id)
    for i = 1, 100000 do
      local api = apig.create_api { definition = { name = name .. i, type = 1, req_protocol = "HTTPS",
        req_method = "GET", req_uri = "/" .. name .. i, auth_type = "NONE", backend_type = "MOCK",
        group_id = group.id, mock_info = { result_content = "{}" } } }
      print("api " .. api.id)
      print("version " .. api.id .. " " .. apig.publish { api_id = api.id, env = "RELEASE" }.version_id)
    end
    """

  @Test func whatWasAcknowledgedOutlivesAKill() async throws {
    try await withTemporaryFolder { folder in
      let data = folder.appending(path: "gateway.db").path
      let acknowledged = Acknowledged()
      try await Self.killAmongWriters(folder, data, acknowledged)
      let lines = acknowledged.all
      #expect(lines.count >= 60)
      try await withLocalServer(in: folder, options: ["--data", data]) { url in
        var command = Command(in: folder)
        command.variables["APIG_TOKEN"] = "local-token"
        try command.configure(endpoint: url)
        let state = try await command(
          "-e",
          """
          for _, group in ipairs(apig.groups{}) do print("group " .. group.id) end
          for _, api in ipairs(apig.apis{}) do
            print("api " .. api.id)
            if api.run_env_id then
              for _, v in ipairs(apig.history { api_id = api.id }) do print("version " .. api.id .. " " .. v.version_id) end
            end
          end
          """)
        #expect(state.status == 0, "\(state.messages)")
        let found = Set(state.output.split(separator: "\n").map(String.init))
        #expect(Set(lines).subtracting(found) == [])
      }
    }
  }

  /// Runs a gateway and clients of it, and kills the gateway when enough changes have been answered.
  private static func killAmongWriters(_ folder: URL, _ data: String, _ acknowledged: Acknowledged) async throws {
    let served = try await Subprocess.run(
      .path(FilePath(Command.binary)), arguments: ["local", "start", "--data", data],
      environment: .custom(Command(in: folder).environment), input: .none, output: .sequence, error: .discarded
    ) { server in
      var url = ""
      for try await line in server.standardOutput.strings() {
        url = line.replacing("listening on ", with: "").trimmingCharacters(in: .whitespacesAndNewlines)
        break
      }
      var command = Command(in: folder)
      command.variables["APIG_TOKEN"] = "local-token"
      try command.configure(endpoint: url)
      let client = command
      try await withThrowingTaskGroup(of: Void.self) { group in
        for name in ["one-", "two-", "three-", "four-"] {
          group.addTask {
            try await write(client, name) { line in
              // Each client has its own stream; the first to see the sixtieth answer kills.
              if acknowledged.add(line) == 60 { try server.send(signal: .kill) }
            }
          }
        }
        try await group.waitForAll()
      }
    }
    #expect(served.terminationStatus == .signaled(SIGKILL))
  }

  private static func write(
    _ command: Command, _ name: String, _ heard: @escaping @Sendable (String) throws -> Void
  ) async throws {
    let script = writer.replacing("NAME", with: name)
    let written = try await Subprocess.run(
      .path(FilePath(Command.binary)), arguments: ["--max-calls", "1000000", "-e", script],
      environment: .custom(command.environment), workingDirectory: FilePath(command.folder.path), input: .none,
      output: .sequence, error: .discarded
    ) { process in
      for try await line in process.standardOutput.strings() {
        try heard(line.trimmingCharacters(in: .whitespacesAndNewlines))
      }
    }
    #expect(written.terminationStatus != .exited(0), "its gateway was killed")
  }
}
