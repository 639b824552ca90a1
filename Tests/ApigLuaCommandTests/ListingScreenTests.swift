import Foundation
import GatewayAPI
import GatewayTestSupport
import Subprocess
import SystemPackage
import Testing

/// Listings on terminals and in pipes: pager, width, colours, other locales, readers that go away.
@Suite(.timeLimit(.minutes(5))) struct ListingScreenTests {
  @Test func whatIsTallerThanTheScreenGoesThroughThePager() async throws {
    try await withTemporaryFolder { folder in
      var command = Command(in: folder)
      command.variables["PAGER"] = "sed 's/^/page: /'"
      let tall = try await command.onTerminal(["api", "show", "pay-create"]).lines()
      #expect(tall.first == "page: api definition" && tall.count > 20, "\(tall)")
      #expect(tall.filter { !$0.isEmpty }.allSatisfy { $0.hasPrefix("page: ") })
      let short = try await command.onTerminal(["env", "list"]).lines()
      #expect(short.first?.hasPrefix("name") == true)
      #expect(try await command("api", "show", "pay-create").output.hasPrefix("api definition\n"))
      // What a run writes is nobody's listing.
      let run = try await command.onTerminal(["-e", "for i = 1, 40 do print(i) end"]).lines()
      #expect(run.first == "1" && run.contains("40"))
      let machine = try await command.onTerminal(["api", "list", "--output", "yaml"]).lines()
      #expect(!machine.contains { $0.hasPrefix("page: ") } && machine.count > 40)
    }
  }

  @Test func aPagerThatIsNotThereKeepsNothingBack() async throws {
    try await withTemporaryFolder { folder in
      var command = Command(in: folder)
      command.variables["PAGER"] = "no-such-pager"
      let result = try await command.onTerminal(["api", "show", "pay-create"])
      #expect(result.status == .exited(0))
      #expect(result.lines().contains("api definition"), "\(result.screen)")
      command.variables["PAGER"] = "head -n 1"
      let cut = try await command.onTerminal(["api", "show", "pay-create"])
      #expect(cut.status == .exited(0) && cut.lines().filter { !$0.isEmpty } == ["api definition"])
    }
  }

  @Test func aPagerThatIsLeftEarlyIsNoError() async throws {
    try await withTemporaryFolder { folder in
      var command = Command(in: folder)
      // More than any pipe holds.
      _ = try await command(
        "-q", "-e",
        "for i = 1, 150 do apig.history { api = 'pay-create' } end apig.publish { api = 'pay-create', env = 'TEST' }")
      #expect(try await command("journal", "export", "last").output.utf8.count > 1 << 17)
      command.variables["PAGER"] = "head -n 1"
      let left = try await command.onTerminal(["journal", "export", "last"])
      #expect(left.status == .exited(0), "\(left.status)")
      #expect(left.lines().filter { !$0.isEmpty }.count == 1)
    }
  }

  @Test func tablesFitTheTerminalAndInAPipeNothingIsCut() async throws {
    try await withTemporaryFolder { folder in
      var command = Command(in: folder)
      _ = try await command("-e", "apig.create_group { name = '支付-gateway-of-the-east', remark = ('long ' ):rep(30) }")
      command.variables["COLUMNS"] = "60"
      let fitted = try await command.onTerminal(["group", "list"]).lines().filter { !$0.isEmpty }
      #expect(fitted.allSatisfy { Self.width($0) <= 60 })
      #expect(fitted.contains { $0.contains("…") })
      let plain = try await command("group", "list").output.split(separator: "\n").map(String.init)
      #expect(plain.contains { $0.hasSuffix("long long") })
      // The second column begins under its title, wide characters or not.
      let begin = try #require(plain[0].firstRange(of: "register_time")?.lowerBound)
      let column = Self.width(String(plain[0][..<begin]))
      for line in plain.dropFirst() {
        let time = try #require(line.firstMatch(of: /\d{4}-\d\d-\d\dT/)?.range.lowerBound)
        #expect(Self.width(String(line[..<time])) == column, "\(line)")
      }
    }
  }

  /// 2 for what East Asian typography draws twice as wide, as far as this text has it.
  private static func width(_ text: String) -> Int {
    text.unicodeScalars.reduce(0) { $0 + ((0x4E00...0x9FFF).contains($1.value) ? 2 : 1) }
  }

  @Test func withoutUTF8NothingElseIsWritten() async throws {
    try await withTemporaryFolder { folder in
      var command = Command(in: folder)
      command.variables["LANG"] = "C"
      command.variables["COLUMNS"] = "50"
      let diff = try await command("api", "diff", "pay-create", "--env", "RELEASE")
      #expect(diff.output.contains(" -> draft\n") && diff.output.utf8.allSatisfy { $0 < 128 }, "\(diff.output)")
      let drift = try await command("drift", "STAGING", "RELEASE")
      #expect(drift.status == 2 && drift.output.utf8.allSatisfy { $0 < 128 })
      command.variables["PAGER"] = "cat"
      let record = try await command.onTerminal(["api", "show", "pay-create"]).lines()
      #expect(record.contains { $0.hasSuffix("...") } && record.joined().utf8.allSatisfy { $0 < 128 }, "\(record)")
    }
  }

  @Test func coloursAreForTerminalsThatWantThem() async throws {
    try await withTemporaryFolder { folder in
      var command = Command(in: folder)
      let colored = try await command.onTerminal(["doctor", "--offline"]).screen
      #expect(colored.contains("\u{1B}[32m"))
      #expect(try await !command("doctor", "--offline").output.contains("\u{1B}"))
      command.variables["NO_COLOR"] = "1"
      #expect(try await !command.onTerminal(["doctor", "--offline"]).screen.contains("\u{1B}[3"))
      #expect(try await command.onTerminal(["doctor", "--offline", "--color", "always"]).screen.contains("\u{1B}[32m"))
    }
  }

  @Test func aReaderThatGoesAwayIsNoError() async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      let lines = "for i = 1, 30000 do print(i) end"
      for words in ["-e '\(lines)'", "--output ndjson -e '\(lines)'"] {
        let result = try await Subprocess.run(
          .path("/bin/bash"),
          arguments: ["-c", "'\(Command.binary)' \(words) | head -n 1; exit ${PIPESTATUS[0]}"],
          environment: .custom(command.environment.merging(["PATH": "/usr/bin:/bin"]) { $1 }),
          workingDirectory: FilePath(folder.path), input: .none, output: .string(limit: 1 << 16),
          error: .string(limit: 1 << 16))
        #expect(result.terminationStatus == .exited(0), "\(result.terminationStatus)")
        #expect(result.standardOutput.split(separator: "\n").count == 1 && result.standardError.isEmpty)
      }
    }
  }
}
