import Foundation
import GatewayTestSupport
import Testing

/// `local seed`, `local snapshot`, `local start --seed` and `local reset`, as people run them.
@Suite(.timeLimit(.minutes(10))) struct SeedCommandTests {
  private static let seed = """
    groups:
    - name: payments-2
      apis:
      - name: wire-{1..40}
        published: [RELEASE]
    """

  @Test func aSeedIsAddedAndASnapshotPutsItBack() async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      try command.write(Self.seed, to: "seed.yaml")
      let seeded = try await command("local", "seed", "seed.yaml")
      #expect(seeded.status == 0 && seeded.messages.contains("1 groups, 40 APIs"), "\(seeded.messages)")
      let count = try await command("-e", "print(#apig.select { name = 'wire-*', published_in = 'RELEASE' })")
      #expect(count.output == "40\n")
      let snapshot = try await command("local", "snapshot", "--out", "state.yaml")
      #expect(snapshot.status == 0, "\(snapshot.messages)")
      #expect(try await command("-e", "apig.offline { group = 'payments-2', env = 'RELEASE' }").status == 0)
      #expect(try await command("local", "seed", "--replace", "state.yaml").status == 0)
      let again = try await command("local", "snapshot")
      #expect(again.output == (try String(contentsOf: folder.appending(path: "state.yaml"), encoding: .utf8)))
      let twice = try await command("local", "seed", "-", input: Self.seed)
      #expect(twice.status == 78)
      #expect(twice.messages.contains("stdin:2:3") && twice.messages.contains("payments-2 is there already"))
      #expect(twice.messages.contains("--replace"))
    }
  }

  @Test func aGatewayStartsWithASeed() async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      try command.write(Self.seed, to: "seed.yaml")
      let options = ["--data", folder.appending(path: "x.db").path, "--seed", folder.appending(path: "seed.yaml").path]
      for _ in 1...2 {
        try await withLocalServer(in: folder, options: options) { url in
          try Command(in: folder).configure(endpoint: url)
          var script = Command(in: folder)
          script.variables["APIG_TOKEN"] = "local-token"
          let names = try await script("-e", "print(#apig.apis{}, apig.groups{}[1].name)")
          #expect(names.output == "40\tpayments-2\n", "\(names.messages)")
          // It cannot be taken away from under it.
          let reset = try await script("local", "reset", "--data", folder.appending(path: "x.db").path)
          #expect(reset.status == 78 && reset.messages.contains("a local gateway is running on"))
        }
      }
    }
  }

  @Test(
    arguments: [
      (["local", "seed", "missing.yaml"], 64, "missing.yaml cannot be read"),
      (["local", "seed", "wrong.yaml"], 78, "wrong.yaml:2:3"),
      (["local", "start", "--seed", "wrong.yaml", "--data", ":memory:"], 78, "a group needs 'name'"),
      (["local", "snapshot", "--data", "nothing.db"], 78, "there is none yet"),
      (["local", "snapshot", "--out", "no/such/folder"], 64, "no/such/folder cannot be written"),
    ] as [([String], Int32, String)])
  func mistakesAreNamed(_ arguments: [String], _ status: Int32, _ message: String) async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      try command.write("groups:\n- remark: nameless\n", to: "wrong.yaml")
      _ = try await command("local", "reset")
      let result = try await command.run(arguments)
      #expect(result.status == status && result.messages.contains(message), "\(result.messages)")
      #expect(!FileManager.default.fileExists(atPath: folder.appending(path: "nothing.db").path))
    }
  }
}
