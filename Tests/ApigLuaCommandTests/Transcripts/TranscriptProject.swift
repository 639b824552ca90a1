import Foundation
import GatewayTestSupport
import Subprocess
import SystemPackage
import Testing

/// A project as the transcripts have it: a production gateway, on this machine, with six changed APIs of payments.
struct TranscriptProject: Sendable {
  var command: Command
  let url: String
  /// Between the command and the gateway.
  let relay: HoldingRelay

  /// Five have a newer draft, one was never published, one runs its draft, and one has all the records that there can be.
  private static let seed = """
    environments: [RELEASE]
    groups:
    - name: payments
      apis:
      - name: pay-{1..4}
        path: /pay/{..}
        changed: 1 hour ago
        history: [{ env: RELEASE, time: 3 days ago, remark: weekly release }]
      - { name: pay-new, path: /pay/new, changed: 1 hour ago }
      - name: pay-quote
        path: /pay/quote
        changed: 1 hour ago
        history:
    \((11...20).reversed().map { "    - { env: RELEASE, time: \($0) days ago }" }.joined(separator: "\n"))
      - name: pay-ping
        path: /pay/ping
        changed: 9 days ago
        history: [{ env: RELEASE, time: 3 days ago }]
    """

  /// - Parameters:
  ///   - faults: of the gateway.
  ///   - protection: of RELEASE: none, confirm or type-name.
  ///   - propagation: how long the command waits for a publication to be in effect.
  static func with(
    faults: [String] = [], protection: String = "none", propagation: String = "0",
    _ body: @escaping @Sendable (TranscriptProject) async throws -> Void
  ) async throws {
    try await withTemporaryFolder { folder in
      let seed = folder.appending(path: "seed.yaml")
      try Self.seed.write(to: seed, atomically: true, encoding: .utf8)
      let options = ["--data", ":memory:", "--seed", seed.path] + faults.flatMap { ["--fault", $0] }
      try await withLocalServer(in: folder, options: options) { url in
        let port = try #require(Int(url.split(separator: ":").last ?? ""))
        try await withHoldingRelay(to: port) { relay in
          var command = Command(in: folder)
          command.variables = ["APIG_TOKEN": "local-token", "TZ": "UTC"]
          try command.write(
            """
            default_gateway: prod-cn4
            gateways:
              prod-cn4:
                endpoint: \(relay.url)
                project_id: p
                instance: local
                propagation: \(propagation)
                envs:
                  RELEASE: { protect: \(protection) }
            permissions:
              allow: ["http:\(url)"]
            """, to: "apig.yaml")
          for name in ["canary", "release"] { try command.write(playbook(name), to: "\(name).lua") }
          try await body(TranscriptProject(command: command, url: url, relay: relay))
        }
      }
    }
  }

  private static func playbook(_ name: String) throws -> String {
    let file = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../../scripts/playbooks/\(name).lua").standardizedFileURL
    return try String(contentsOf: file, encoding: .utf8)
  }

  /// Of the canary: two probes before the release and after each of four waves.
  var canary: [String] {
    [
      "canary.lua", "--group", "payments", "--probe", url + "/_call/payments/pay/ping", "--waves", "1,50%,100%",
      "--samples", "2", "--every", "0", "--soak", "0", "--p95", "30s", "--max-failures", "0",
    ]
  }

  /// Kills the command while the change of that number waits for its answer.
  func killed(waitingForAnswer number: Int, _ arguments: [String]) async throws {
    relay.hold(number, .answer)
    let run = try await Subprocess.run(
      .path(FilePath(Command.binary)), arguments: Arguments(arguments), environment: .custom(command.environment),
      workingDirectory: FilePath(command.folder.path), input: .none, output: .discarded, error: .discarded
    ) { process in
      await relay.untilHeld()
      try process.send(signal: .kill)
    }
    relay.hold(nil, .answer)
    #expect(run.terminationStatus == .signaled(9))
  }
}
