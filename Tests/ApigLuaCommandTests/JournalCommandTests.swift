import Foundation
import GatewayAPI
import GatewayTestSupport
import Testing

/// `status`, `journal` and `lock`: what happened, and who holds what.
@Suite(.timeLimit(.minutes(5))) struct JournalCommandTests {
  private static let publish = "apig.publish { api = 'pay-create', env = 'RELEASE', remark = 'weekly' }"

  /// A command whose local gateway is another process's, which outlives it.
  private func withCommand(_ body: @escaping @Sendable (Command) async throws -> Void) async throws {
    try await withTemporaryFolder { folder in
      try await withLocalServer(in: folder) { url in
        var command = Command(in: folder)
        command.variables["APIG_TOKEN"] = "local-token"
        try command.configure(endpoint: url)
        try await body(command)
      }
    }
  }

  /// Kills a run as soon as the intent of its change is durable, before anything is sent.
  ///
  /// - Returns: its name.
  private func cutOff(_ command: Command) async throws -> String {
    var dying = command
    // The first answers are what a publish looks at; the intent follows them.
    for entry in 1...20 {
      dying.variables["APIG_LUA_CRASH_AFTER_ENTRY"] = "\(entry)"
      let run = try await dying("-e", Self.publish)
      try #require(run.status == -1, "the run came to its end: \(run.messages)")
      let status = try await command("status", "last", "--output", "json")
      let document = try Document(json: status.output)
      if let doubts = document["in_doubt"]?.arrayValue, !doubts.isEmpty {
        return try #require(document["run"]?.stringValue)
      }
    }
    throw CancellationError()
  }

  @Test func beforeTheFirstRunThereIsNothing() async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      for arguments in [["status"], ["journal", "list"], ["lock", "list"]] {
        let table = try await command.run(arguments)
        #expect(table.status == 0)
        #expect(table.output.isEmpty)
        #expect(!table.messages.isEmpty)
        let json = try await command.run(arguments + ["--output", "json"])
        #expect(json.output == "[]\n")
      }
      for arguments in [["status", "last"], ["journal", "show", "r-1"], ["journal", "export", "last"]] {
        let result = try await command.run(arguments)
        #expect(result.status == 64)
        #expect(result.messages.contains("the journal has no run"))
      }
      #expect(
        !FileManager.default.fileExists(atPath: folder.appending(path: ".local/state").path), "looking keeps nothing")
    }
  }

  @Test func finishedRunIsToldStepByStep() async throws {
    try await withCommand { command in
      let run = try await command("-e", "apig.apis {} " + Self.publish)
      #expect(run.status == 0, "\(run.messages)")
      let list = try await command("journal", "list", "--output", "json")
      let record = try #require(try Document(json: list.output).arrayValue?.first)
      let id = try #require(record["run"]?.stringValue)
      #expect(record["state"] == "finished")
      #expect(record["user"]?.stringValue?.hasPrefix("tester@") == true)
      #expect(record["summary"]?["changed"] == 1)

      let table = try await command("journal", "list")
      #expect(table.output.contains(id))
      #expect(table.output.contains("finished, exit 0"))
      #expect(table.output.contains("1 changed"))

      let show = try await command("journal", "show", String(id.dropFirst(2).lowercased().prefix(8)))
      #expect(show.status == 0, "\(show.messages)")
      #expect(show.output.contains("publish pay-create in RELEASE"))
      #expect(show.output.contains("apig-lua rollback \(id)"))
      #expect(show.messages.contains("--all shows it"))
      let all = try await command("journal", "show", id, "--all")
      #expect(all.output.split(separator: "\n").count > show.output.split(separator: "\n").count)

      let status = try await command("status", id)
      #expect(status.output.hasPrefix("\(id)   finished, exit 0\n"))
      #expect(status.output.contains("1 published to RELEASE"))
    }
  }

  @Test func exportIsEveryEntryInOrder() async throws {
    try await withCommand { command in
      let reading = "apig.version { version_id = apig.history { api = 'pay-create', env = 'RELEASE' }[1].version_id } "
      let run = try await command("-e", reading + Self.publish)
      #expect(run.status == 0, "\(run.messages)")
      let export = try await command("journal", "export", "last")
      let lines = try export.output.split(separator: "\n").map { try Document(json: String($0)) }
      #expect(lines.first?["kind"] == "run")
      #expect(lines.first?["start"]?["script"]?["text"]?.stringValue?.contains("pay-create") == true)
      let entries = lines.dropFirst()
      #expect(entries.compactMap { $0["sequence"]?.integerValue } == entries.indices.map(\.self))
      #expect(lines.allSatisfy { $0["schema"] == 1 })
      let intent = try #require(entries.first { $0["kind"] == "intent" })
      #expect(intent["operation"] == "publish")
      #expect(entries.contains { $0["kind"] == "outcome" && $0["refers_to"] == intent["sequence"] })
      let array = try await command("journal", "export", "last", "--output", "json")
      #expect(try Document(json: array.output).arrayValue == lines)

      let definitions = try await command("journal", "export", "last", "--definitions")
      let kept = try definitions.output.split(separator: "\n").map { try Document(json: String($0)) }
      #expect(kept.map { $0["definition"]?["name"] } == ["pay-create"])
    }
  }

  @Test func runWithoutDefinitionsSaysSo() async throws {
    try await withCommand { command in
      _ = try await command("-e", Self.publish)
      let definitions = try await command("journal", "export", "last", "--definitions")
      #expect(definitions.status == 0)
      #expect(definitions.output.isEmpty)
      #expect(definitions.messages.contains("keeps none"))
    }
  }

  @Test func cutOffRunComesFirstWithWhatToTypeNext() async throws {
    try await withCommand { command in
      let id = try await cutOff(command)
      // A later run, elsewhere, is no reason to forget it.
      let other = try await command("-e", "apig.publish { api = 'pay-create', env = 'TEST' }")
      #expect(other.status == 0, "\(other.messages)")
      let status = try await command("status")
      #expect(status.status == 0)
      let lines = status.output.split(separator: "\n")
      #expect(lines.dropFirst().first?.hasPrefix("\(id)   cut off") == true, "\(status.output)")
      #expect(status.output.contains("1 unknown"))
      #expect(status.output.contains("apig-lua resume \(id)"))
      let one = try await command("status", id)
      #expect(one.output.contains("in doubt  publish pay-create in RELEASE: begun"))
      #expect(one.output.contains("holds     test/RELEASE"))
      #expect(one.output.contains("which is gone"))
      let document = try Document(json: try await command("status", id, "--output", "json").output)
      #expect(document["state"] == "running")
      #expect(document["process_is_gone"] == true)
      #expect(document["locks"] == ["test/RELEASE"])
      #expect(document["next"]?.arrayValue?.first == .string("apig-lua resume \(id)"))
    }
  }

  @Test func environmentOfACutOffRunIsFreeWhenSomeoneSaysWhy() async throws {
    try await withCommand { command in
      let id = try await cutOff(command)
      let list = try await command("lock", "list")
      #expect(list.output.contains("test/RELEASE"))
      #expect(list.output.contains("kept for its unfinished run"))
      let refused = try await command("-e", Self.publish)
      #expect(refused.status == 7, "\(refused.messages)")
      #expect(refused.messages.contains(id))

      #expect(try await command("lock", "release", "test/RELEASE").status == 64)
      #expect(try await command("lock", "release", "test/RELEASE", "--reason", "  ").status == 64)
      let unknown = try await command("lock", "release", "test/RELEASES", "--reason", "why not")
      #expect(unknown.status == 64)
      #expect(unknown.messages.contains("did you mean 'test/RELEASE'?"))

      let released = try await command("lock", "release", "test/RELEASE", "--reason", "laptop lost")
      #expect(released.status == 0, "\(released.messages)")
      #expect(released.messages.contains(id))
      #expect(try await command("lock", "list").output.isEmpty)
      let show = try await command("journal", "show", id)
      #expect(show.output.contains("laptop lost"))
      #expect(try await command("-e", Self.publish).status == 0)
    }
  }

  @Test func unknownRunGetsASuggestion() async throws {
    try await withCommand { command in
      _ = try await command("-e", Self.publish)
      let list = try Document(json: try await command("journal", "list", "--output", "json").output)
      let id = try #require(list.arrayValue?.first?["run"]?.stringValue)
      let mistyped = id.dropLast() + (id.hasSuffix("0") ? "1" : "0")
      for command in [
        try await command("status", String(mistyped)), try await command("journal", "show", String(mistyped)),
      ] {
        #expect(command.status == 64)
        #expect(command.messages.contains("did you mean '\(id)'?"))
      }
    }
  }

  @Test func damagedJournalIsSaid() async throws {
    try await withTemporaryFolder { folder in
      var command = Command(in: folder)
      command.variables["XDG_STATE_HOME"] = folder.appending(path: "state").path
      let journal = folder.appending(path: "state/apig-lua/journal.db")
      try FileManager.default.createDirectory(
        at: journal.deletingLastPathComponent(), withIntermediateDirectories: true)
      try String(repeating: "no journal\n", count: 500).write(to: journal, atomically: true, encoding: .utf8)
      let status = try await command("status")
      #expect(status.status == 78)
      #expect(status.messages.contains("the journal \(journal.path) is damaged"))
      #expect(status.messages.contains("move it"))
    }
  }
}
