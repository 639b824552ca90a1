import Foundation
import GatewayTestSupport
import Subprocess
import SystemPackage
import Testing

/// What shells offer while a command is typed.
@Suite(.timeLimit(.minutes(5))) struct ShellCompletionTests {
  /// Asks as the generated scripts do: which argument, the place of the word, the cursor in it, the words.
  private func candidates(
    _ command: Command, _ subcommands: [String], _ argument: String, _ words: String...
  ) async throws -> [String] {
    let index = words.count - 1
    let result = try await command.run(
      ["---completion"] + subcommands + ["--", argument, String(index), String(words[index].count)] + words)
    return result.output.split(separator: "\n").map(String.init)
  }

  @Test func environmentsGroupsAndAPIsAreThoseOfTheGateway() async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      let environments = try await candidates(command, ["snapshot"], "positional@0", "apig-lua", "snapshot", "")
      #expect(environments.contains("RELEASE") && environments.contains("TEST"), "\(environments)")
      let groups = try await candidates(command, ["drift"], "--group", "apig-lua", "drift", "--group", "")
      #expect(groups.contains("payments"))
      let apis = try await candidates(command, ["api", "switch"], "positional@0", "apig-lua", "api", "switch", "")
      #expect(apis.contains("pay-create"))
    }
  }

  @Test func namesAreKeptForAWhile() async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      func environments() async throws -> [String] {
        try await candidates(command, ["snapshot"], "positional@0", "apig-lua", "snapshot", "")
      }
      let before = try await environments()
      _ = try await command("-q", "-e", "apig.create_env { name = 'BRANDNEW' }")
      #expect(try await environments() == before, "within a minute nobody is asked again")
      try FileManager.default.removeItem(at: folder.appending(path: ".cache/apig-lua"))
      #expect(try await environments().contains("BRANDNEW"))
    }
  }

  @Test func gatewaysAndRunsAreKnownWithoutAsking() async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      try command.configure(endpoint: "http://127.0.0.1:1")
      #expect(
        try await candidates(command, ["run"], "--gateway", "apig-lua", "run", "--gateway", "") == ["local", "test"])
      #expect(try await candidates(command, ["resume"], "positional@0", "apig-lua", "resume", "") == [])
      _ = try await command("--gateway", "local", "-q", "-e", "apig.publish { api = 'pay-create', env = 'TEST' }")
      let runs = try await candidates(command, ["rollback"], "positional@0", "apig-lua", "rollback", "")
      #expect(runs.count == 2 && runs[0] == "last" && runs[1].hasPrefix("r-"), "\(runs)")
    }
  }

  @Test func aGatewayThatCannotBeReachedOffersNothingAndSaysNothing() async throws {
    try await withTemporaryFolder { folder in
      var command = Command(in: folder)
      command.variables["APIG_TOKEN"] = "t"
      try command.configure(endpoint: "http://127.0.0.1:1")
      let result = try await command.run(
        ["---completion", "snapshot", "--", "positional@0", "2", "0", "apig-lua", "snapshot", ""])
      #expect(result.output.split(separator: "\n").isEmpty && result.messages.isEmpty, "\(result)")
    }
  }

  @Test func scriptsTheirParametersAndTheirValuesAreOffered() async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      try command.write(
        "apig.params { group = { type = 'group' }, mode = { type = 'choice', of = { 'fast', 'slow' } } }",
        to: "ship.lua")
      try command.write("text", to: "notes.txt")
      try FileManager.default.createDirectory(
        at: folder.appending(path: "more"), withIntermediateDirectories: false)
      func offered(_ words: String...) async throws -> [String] {
        let index = words.count
        let result = try await command.run(
          ["---completion", "run", "--", "positional@0", String(index), String(words[index - 1].count), "apig-lua"]
            + words)
        return result.output.split(separator: "\n").map(String.init)
      }
      #expect(try await offered("run", "") == ["more/", "ship.lua"])
      #expect(try await offered("run", "ship.lua", "") == ["--group", "--mode", "--help"])
      #expect(try await offered("run", "ship.lua", "--group", "").contains("payments"))
      #expect(try await offered("run", "--gateway", "local", "ship.lua", "--mode", "") == ["fast", "slow"])
      #expect(try await offered("run", "ship.lua", "--mode", "fast", "") == ["--group", "--help"])
    }
  }

  /// What bash itself makes of a command line, with the cursor at its end.
  private func completedByBash(_ words: [String], in command: Command) async throws -> [String] {
    let typed = words.map { "'\($0)'" }.joined(separator: " ")
    let result = try await Subprocess.run(
      .path("/bin/bash"),
      arguments: [
        "-c",
        """
        source completion
        COMP_WORDS=(apig-lua \(typed)) COMP_CWORD=\(words.count)
        COMP_LINE="${COMP_WORDS[*]}" COMP_POINT=${#COMP_LINE}
        "$(complete -p apig-lua | sed 's/.*-F \\([^ ]*\\).*/\\1/')" apig-lua '\(words.last ?? "")' "${COMP_WORDS[COMP_CWORD-1]}"
        printf '%s\\n' "${COMPREPLY[@]}"
        """,
      ],
      environment: .custom(
        command.environment.merging([
          "PATH": URL(filePath: Command.binary).deletingLastPathComponent().path + ":/usr/bin:/bin"
        ]) { _, own in own }),
      workingDirectory: FilePath(command.folder.path), output: .string(limit: 1 << 20),
      error: .string(limit: 1 << 20))
    #expect(result.standardError.isEmpty, "\(result.standardError)")
    return result.standardOutput.split(separator: "\n").map(String.init)
  }

  @Test func bashCompletesAScriptThatStandsInACommandsPlace() async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      try command.write(try await command("--generate-completion-script", "bash").output, to: "completion")
      try command.write(
        "apig.params { group = { type = 'group' }, mode = { type = 'choice', of = { 'fast', 'slow' } } }",
        to: "ship.lua")
      #expect(try await completedByBash(["ship.lua", "--m"], in: command).contains("--mode"))
      #expect(try await completedByBash(["ship.lua", "--mode", "f"], in: command) == ["fast"])
      #expect(try await completedByBash(["sh"], in: command) == ["ship.lua"])
      #expect(try await completedByBash(["sta"], in: command) == ["status"])
      #expect(try await completedByBash(["--gat"], in: command) == ["--gateway"])
      #expect(try await completedByBash(["--gateway", "lo"], in: command) == ["local"])
      #expect(try await completedByBash(["api", "sw"], in: command) == ["switch"])
      #expect(try await completedByBash(["plan", "ship.lua", "--mode", "s"], in: command) == ["slow"])
    }
  }

  @Test(arguments: ["bash", "zsh", "fish"]) func theScriptOfEachShellIsOneThatItReads(_ shell: String) async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      let script = try await command("--generate-completion-script", shell)
      #expect(script.status == 0 && script.output.contains("apig-lua"))
      try command.write(script.output, to: "completion")
      let path = ["/bin", "/usr/bin", "/usr/local/bin"].map { $0 + "/" + shell }
        .first(where: FileManager.default.isExecutableFile(atPath:))
      guard let path else { return }
      let result = try await Subprocess.run(
        .path(FilePath(path)), arguments: ["-n", folder.appending(path: "completion").path],
        output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
      #expect(result.terminationStatus == .exited(0), "\(result.standardError)")
    }
  }
}
