import Foundation
import GatewayTestSupport
import Subprocess
import Testing

/// What a person sees of a run while it goes on, and what a pipe or a build server's log gets of it.
@Suite(.timeLimit(.minutes(2))) struct ProgressScreenTests {
  private static let waves = """
    local apis = apig.apis { group = 'payments' }
    for wave in apig.waves({ apis[1], apis[2], apis[3] }, { 1, '100%' }) do
      apig.publish { apis = wave.items, env = 'TEST' }
      apig.wait { time = '1500ms', reason = 'soak' }
      apig.health.check('ping', function() return true end)
      print('printed in wave ' .. wave.label)
    end
    """

  private static let undone = """
    apig.with_rollback({}, function()
      apig.publish { group = 'payments', env = 'TEST' }
      apig.wait { time = '1500ms' }
      error 'it smells'
    end)
    """

  /// Digits that differ from run to run.
  private func masked(_ lines: [String]) -> [String] {
    lines.map { $0.replacing(/\d+(\.\d+)?s$/, with: "<time>").replacing(/r-[0-9A-Z]+/, with: "<run>") }
  }

  // MARK: - Terminal

  @Test func wavesAreShownWhileTheyRunAndStayAsOneLineEach() async throws {
    try await withTemporaryFolder { folder in
      let run = try await Command(in: folder).onTerminal(["-e", Self.waves])
      #expect(run.status == .exited(0), "\(run.screen)")
      #expect(run.screen.contains(/wave 1\/2   1\/1 published · waiting \ds of \S+s \(soak\)/), "\(run.screen)")
      #expect(run.screen.contains("█") && run.screen.contains("Ctrl-C stops safely"))
      let lines = masked(run.lines())
      #expect(lines.first == "local · -e   run <run>", "\(lines)")
      #expect(lines.contains("  ✔ wave 1/2   1 published   check ping good   <time>"), "\(lines)")
      #expect(lines.contains("  ✔ wave 2/2   2 published   check ping good   <time>"), "\(lines)")
      #expect(lines.filter { $0.hasPrefix("printed in wave") } == ["printed in wave 1/2", "printed in wave 2/2"])
      expectNothingLeft(run)
    }
  }

  @Test func anUndoIsShownAndSummedUp() async throws {
    try await withTemporaryFolder { folder in
      let run = try await Command(in: folder).onTerminal(["-e", Self.undone])
      #expect(run.status == .exited(4), "\(run.screen)")
      let lines = run.lines()
      #expect(
        lines.contains { $0.hasPrefix("  undoing ") && $0.hasSuffix(", newest first   (budget 10 min)") }, "\(lines)")
      #expect(
        lines.contains { $0.firstMatch(of: /^  ✔ undone   (\d+)\/(\d+) in [\d.]+s$/).map { $0.1 == $0.2 } == true })
      expectNothingLeft(run)
    }
  }

  @Test func aQuestionIsNotTorn() async throws {
    try await withTemporaryFolder { folder in
      let script = """
        apig.step('ask', function()
          apig.wait { time = '1500ms' }
          apig.confirm { text = 'go' }
          apig.wait { time = '1500ms' }
        end)
        print 'done'
        """
      var command = Command(in: folder)
      command.variables["NO_COLOR"] = "1"
      let run = try await command.onTerminal(["-e", script], typing: [.init("[y/N] ", "y")])
      #expect(run.status == .exited(0), "\(run.screen)")
      #expect(run.screen.contains("▸ step   ask"), "\(run.screen)")
      let lines = run.lines()
      #expect(lines.contains { $0.contains("[y/N] y") } && lines.contains("done"), "\(lines)")
      expectNothingLeft(run)
    }
  }

  @Test func aNarrowTerminalIsKeptTidyWhateverTheNames() async throws {
    try await withTemporaryFolder { folder in
      var command = Command(in: folder)
      command.variables = ["COLUMNS": "30", "NO_COLOR": "1"]
      let script =
        "apig.step('发布发布发布发布发布发布发布发布发布', function() apig.wait { time = '1500ms' } print 'x' apig.wait { time = '1500ms' } end)"
      let run = try await command.onTerminal(["-e", script])
      #expect(run.status == .exited(0), "\(run.screen)")
      #expect(run.screen.contains("▸ step   发布"), "\(run.screen)")
      let lines = run.lines(columns: 30)
      #expect(lines.contains("x") && !lines.contains { $0.contains("▸") }, "\(lines)")
      expectNothingLeft(run)
    }
  }

  @Test(arguments: [["TERM": "dumb"], ["CI": "true"]])
  func whereNothingCanBeRepaintedThereAreLines(_ variables: [String: String]) async throws {
    try await withTemporaryFolder { folder in
      var command = Command(in: folder)
      command.variables = variables
      command.variables["NO_COLOR"] = "1"
      let run = try await command.onTerminal(["-e", Self.waves])
      #expect(!run.screen.contains("\u{1B}") && !run.screen.contains("▸"), "\(run.screen)")
      #expect(run.screen.contains("wave 1/2   1 of 3 items\n"))
    }
  }

  @Test func theRegionHasNoColorWhereNoneIsWanted() async throws {
    try await withTemporaryFolder { folder in
      var command = Command(in: folder)
      command.variables = ["NO_COLOR": "1", "LANG": "C"]
      let run = try await command.onTerminal(["-e", Self.waves])
      #expect(run.screen.contains("> wave 1/2") && run.screen.contains("####"), "\(run.screen)")
      #expect(!run.screen.contains(/\u{1B}\[\d+m/), "\(run.screen)")
      #expect(run.screen.contains("ok: wave 2/2   2 published"))
    }
  }

  private func expectNothingLeft(_ run: Command.TerminalResult) {
    let lines = run.lines()
    for part in ["▸", "█", "░", "Ctrl-C stops safely"] {
      #expect(!lines.contains { $0.contains(part) }, "\(lines)")
    }
  }

  // MARK: - Elsewhere

  @Test func aPipeGetsALineForEachChangeAndWave() async throws {
    try await withTemporaryFolder { folder in
      let run = try await Command(in: folder)("-e", Self.waves)
      #expect(run.status == 0, "\(run.messages)")
      #expect(run.output == "printed in wave 1/2\nprinted in wave 2/2\n")
      #expect(!run.messages.contains("\u{1B}"))
      let lines = masked(run.messages.split(separator: "\n").map(String.init))
      let progress = lines.drop { !$0.contains("wave 1/2") }.prefix { !$0.hasPrefix("  API") }
      #expect(progress.first == "  wave 1/2   1 of 3 items")
      #expect(progress.filter { $0.hasSuffix("   published") }.count == 3, "\(lines)")
      #expect(progress.last == "  ✔ wave 2/2   2 published   check ping good   <time>", "\(lines)")
    }
  }

  @Test func aBuildServersLogHasTimesAndEndsWithTheResult() async throws {
    try await withTemporaryFolder { folder in
      var command = Command(in: folder)
      command.variables["GITHUB_ACTIONS"] = "true"
      let run = try await command("-e", Self.undone)
      #expect(run.status == 4, "\(run.messages)")
      let lines = run.messages.split(separator: "\n").map(String.init)
      #expect(lines.first?.contains(/^\d\d:\d\d:\d\d run r-[0-9A-Z]+ local -e$/) == true, "\(lines)")
      #expect(
        lines.contains { $0.contains(/^\d\d:\d\d:\d\d undoing \d+ changes, newest first   \(budget 10 min\)$/) },
        "\(lines)")
      let result = /^\d\d:\d\d:\d\d result outcome=rolled_back changed=0 failed=0 undone=(\d+) exit=4$/
      let last = try #require(lines.last?.firstMatch(of: result), "\(lines)")
      #expect(Int(last.1).map { $0 > 0 } == true)
    }
  }
}
