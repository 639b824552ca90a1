import Foundation
import GatewayTestSupport
import Subprocess
import Testing

/// The session at the terminal, as a person drives it.
@Suite(.timeLimit(.minutes(5))) struct SessionTests {
  private static let prompt = "local> "
  private static let leave = Command.Typing(prompt, keys: "\u{4}")

  /// Types inputs one after the other at the prompt, and leaves.
  private func typed(_ inputs: String...) -> [Command.Typing] {
    inputs.map { Command.Typing(Self.prompt, $0) } + [Self.leave]
  }

  private func session(
    options arguments: [String] = [], columns: Int = 80, _ typing: [Command.Typing],
    body: (Command.TerminalResult, [String]) throws -> Void
  ) async throws {
    try await withTemporaryFolder { folder in
      let run = try await Command(in: folder).onTerminal(arguments, columns: columns, watching: .screen, typing: typing)
      #expect(run.status == .exited(0), "\(run.screen)")
      try body(run, run.lines(columns: columns))
    }
  }

  // MARK: - Values

  @Test func expressionsPrintAndGlobalsLast() async throws {
    try await session(typed("x = 6 * 7", "x", "x + 0.5, 'two'", "_ + 1", "nil", "{ 1, 2, name = 'n' }", "print")) {
      run, lines in
      #expect(lines.first?.hasPrefix("apig-lua ") == true && lines.first?.contains("Lua 5.4") == true)
      #expect(
        lines.dropFirst(2).prefix(12) == [
          "local> x = 6 * 7", "local> x", "42", "local> x + 0.5, 'two'", "42.5", "two", "local> _ + 1", "43.5",
          "local> nil", "nil", "local> { 1, 2, name = 'n' }", "{ 1, 2, name = \"n\" }",
        ], "\(lines)")
      #expect(lines.suffix(2).first?.hasPrefix("function") == true, "\(lines)")
    }
  }

  @Test func recordsAndListsAreTablesThatFit() async throws {
    try await session(
      columns: 60, typed("apig.history{ api = 'pay-create', env = 'RELEASE' }", "apig.apis{ group = 'payments' }")
    ) { run, lines in
      // A line that does not fit would go on in a row of its own.
      #expect(lines.filter { $0.hasPrefix("  ") }.allSatisfy { $0.contains(/^  (#|\d+) +\S/) }, "\(lines)")
      let title = try #require(lines.first { $0.hasPrefix("  #   version_no") }, "\(lines)")
      #expect(title.contains("published (local)") && title.contains("status"))
      #expect(lines.contains { $0.contains(/^  1   \d{14}   \d{4}-\d\d-\d\d \d\d:\d\d:\d\d   effective/) }, "\(lines)")
      #expect(lines.contains { $0.contains(/^\d+ records? of at most 10$/) }, "\(lines)")
      #expect(lines.contains { $0.contains(/^  1   pay-create/) }, "\(lines)")
    }
  }

  @Test func anErrorPointsAtTheLineAndTheSessionGoesOn() async throws {
    try await session(
      typed(
        "h = apig.history{ api = 'pay-create', env = 'RELEASE' }", "h[1].remarc", "x = = 2", "error('own')", "#h > 0")
    ) { run, lines in
      #expect(run.screen.contains("a version has no field 'remarc'") && run.screen.contains("did you mean 'remark'?"))
      #expect(lines.contains("  1 | h[1].remarc"), "\(lines)")
      #expect(run.screen.contains("unexpected symbol near '='") && run.screen.contains("own"))
      #expect(lines.contains("true"), "\(lines)")
    }
  }

  // MARK: - Lines

  @Test func incompleteInputGoesOnInTheNextLine()
    async throws
  {
    try await session([
      .init(Self.prompt, "for i = 1, 2 do"), .init("..", "print('line ' .. i)"), .init("..", "end"),
      Self.leave,
    ]) { run, lines in
      #expect(lines.contains("line 1") && lines.contains("line 2"), "\(lines)")
    }
  }

  @Test func twoHundredPastedLinesAreOneInput() async throws {
    let pasted = "local sum = 0\n" + (1...198).map { "sum = sum + \($0)\n" }.joined() + "print(sum)"
    try await session([
      .init(Self.prompt, keys: "\u{1B}[200~\(pasted)\u{1B}[201~"), .init("print(sum)", keys: "\n"), Self.leave,
    ]) { run, lines in
      #expect(lines.contains(String((1...198).reduce(0, +))), "\(lines.suffix(5))")
      #expect(!run.screen.contains("✘"))
    }
  }

  /// libedit writes beyond its picture of the screen there.
  @Test func aLineMayBeLongerThanTheScreen() async throws {
    let pasted = String(repeating: "w", count: 3000)
    let typed = String(repeating: "x", count: 1200)
    try await session([
      .init(Self.prompt, keys: "s = '\u{1B}[200~\(pasted)\u{1B}[201~\u{1}\u{5}"), .init("w", keys: "\(typed)END'\n"),
      .init("END'", keys: ""), .init(Self.prompt, "#s"), Self.leave,
    ]) { run, lines in
      #expect(run.status == .exited(0))
      #expect(lines.contains("4203"), "\(lines.suffix(5))")
    }
  }

  @Test func inputIsUTF8AndWideCharactersKeepTheirPlaces()
    async throws
  {
    try await session([
      .init(Self.prompt, keys: "s = '日本語 é'\u{1B}[D\u{1B}[DX"), .init("X", keys: "\n"), .init(Self.prompt, "s"),
      Self.leave,
    ]) { run, lines in
      #expect(lines.contains("日本語 Xé"), "\(lines)")
      #expect(lines.contains("local> s = '日本語 Xé'"), "\(lines)")
    }
  }

  @Test func theWidthMayChangeWhileALineIsTyped()
    async throws
  {
    let text = (1...12).map { "word\($0)" }.joined(separator: " ")
    try await session([
      .init(Self.prompt, keys: "s = '\(text)"), .init("word12", columns: 40),
      .init("", sending: .windowSizeChange), .init("word12", keys: "'\n"),
      .init(Self.prompt, "#s"), Self.leave,
    ]) { run, lines in
      #expect(run.lines().contains(String(text.count)), "\(run.screen)")
    }
  }

  // MARK: - Ctrl-C

  @Test func ctrlCDropsTheLineThatIsTyped() async throws {
    try await session([
      .init(Self.prompt, keys: "x = 'unfinished"), .init("unfinished", keys: "\u{3}"), .init(Self.prompt, "x == nil"),
      Self.leave,
    ]) { run, lines in
      #expect(lines.contains("true"), "\(lines)")
    }
  }

  @Test func ctrlCEndsTheInputThatRunsAndNothingElse()
    async throws
  {
    try await session([
      .init(Self.prompt, "kept = 1 print('run' .. 'ning') while true do end"), .init("running", sending: .interrupt),
      .init(Self.prompt, "pcall(function() print('a' .. 'gain') while true do end end)"),
      .init("again", sending: .interrupt),
      .init(Self.prompt, "kept + 1"), Self.leave,
    ]) { run, lines in
      #expect(lines.filter { $0 == "✘ stopped" }.count == 2, "\(lines)")
      #expect(lines.contains("2"), "\(lines)")
    }
  }

  @Test func aLimitHoldsForEachInput() async throws {
    try await session(options: ["--max-cpu", "1s"], typed("while true do end", "1 + 1")) { run, lines in
      #expect(lines.contains { $0.hasPrefix("limit: time") }, "\(lines)")
      #expect(lines.contains("2"), "\(lines)")
    }
  }

  // MARK: - Completion, help and history

  @Test func theTabulatorKeyWritesNamesAndOptions()
    async throws
  {
    try await session([
      .init(Self.prompt, keys: "h = apig.his\t"), .init("apig.history", keys: "{ api_i\t"),
      .init("api_id = ", keys: "'x', en\t\u{3}"), .init(Self.prompt, keys: "tabl\t.con\t"),
      .init("table.concat", keys: "{'a', 'b'}\n"), Self.leave,
    ]) { run, lines in
      #expect(lines.contains("local> table.concat{'a', 'b'}") && lines.contains("ab"), "\(lines)")
    }
  }

  @Test func candidatesStandBelowTheLineThatComesAgain()
    async throws
  {
    try await session([
      .init(Self.prompt, keys: "apig.delete_\t"), .init("delete_version", keys: "env"),
      .init("delete_env", keys: "\u{3}"),
      Self.leave,
    ]) { run, lines in
      #expect(lines.contains { $0.contains("delete_api") || $0.contains("delete_version") }, "\(lines)")
      #expect(lines.contains("local> apig.delete_env^C"), "\(lines)")
    }
  }

  @Test func helpComesFromTheDeclarations() async throws {
    try await session(typed("?apig.switch_version", "?publsh", ".help", ".quti", ".quit")) { run, lines in
      #expect(run.screen.contains("apig.switch_version {"))
      #expect(run.screen.contains("there is no help on 'publsh'") && run.screen.contains("did you mean '?publish'?"))
      #expect(lines.contains { $0.contains("  .undo ") && $0.contains("undoes the last input") }, "\(lines)")
      #expect(run.screen.contains("there is no command '.quti'") && run.screen.contains("did you mean '.quit'?"))
    }
  }

  @Test func theArrowKeysKnowEarlierSessions() async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      _ = try await command.onTerminal(
        [], columns: 80, watching: .screen, typing: typed("kept = 6 * 7", " hidden = 1", "token = 'abc'"))
      let run = try await command.onTerminal(
        [], columns: 80, watching: .screen,
        typing: [
          .init(Self.prompt, keys: "\u{1B}[A"), .init("kept = 6 * 7", keys: "\n"), .init(Self.prompt, "kept"),
          Self.leave,
        ])
      #expect(run.lines(columns: 80).contains("42"), "\(run.screen)")
    }
  }

  // MARK: - Other commands

  @Test func aScriptIsRunFirst() async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      try command.write(
        "local p = apig.params { n = { type = 'integer' } } twice = p.n * 2 print('ran')", to: "first.lua")
      for arguments in [["repl", "first.lua", "--n", "21"], ["-i", "first.lua", "--n", "21"]] {
        let run = try await command.onTerminal(arguments, columns: 80, watching: .screen, typing: typed("twice"))
        #expect(run.status == .exited(0), "\(run.screen)")
        let lines = run.lines(columns: 80)
        #expect(lines.contains("ran") && lines.contains("42"), "\(lines)")
      }
    }
  }

  @Test func withoutATerminalStandardInputIsTheScript() async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      let piped = try await command.run([], input: "print(6 * 7)")
      #expect(piped.status == 0 && piped.output == "42\n", "\(piped.messages)")
      let session = try await command.run(["repl"], input: "print(6 * 7)")
      #expect(session.status == 64 && session.messages.contains("a session needs a terminal"), "\(session.messages)")
    }
  }

  @Test func valuesHaveATypeAndAForm() async throws {
    try await session(
      typed(
        ".type apig.envs{}", ".type 1.5", ".json { a = { 1, 2 }, b = 'x' }", ".json print", ".time 1 + 1", ".json x +")
    ) { run, lines in
      #expect(lines.contains("list of envs") && lines.contains("float"), "\(lines)")
      #expect(lines.contains("{\"a\":[1,2],\"b\":\"x\"}"), "\(lines)")
      #expect(run.screen.contains("took ") && run.screen.contains("the expression is not complete"))
    }
  }

  // MARK: - Changes

  @Test func whatIsChangedIsUndoneInputByInput() async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      let run = try await command.onTerminal(
        [], columns: 80, watching: .screen,
        typing: typed(
          "before = apig.effective{ api = 'pay-create', env = 'RELEASE' }.version_no",
          "h = apig.history{ api = 'pay-create', env = 'RELEASE' }",
          "_ = apig.switch_version{ api = 'pay-create', env = 'RELEASE', version = h[2] } and nil",
          "apig.effective{ api = 'pay-create', env = 'RELEASE' }.version_no ~= before",
          ".save hotfix.lua", ".undo", ".undo",
          "apig.effective{ api = 'pay-create', env = 'RELEASE' }.version_no == before"))
      #expect(run.status == .exited(0), "\(run.screen)")
      let lines = run.lines(columns: 80)
      #expect(lines.contains("✔ pay-create switched (undo: .undo)"), "\(lines)")
      #expect(lines.filter { $0 == "true" }.count == 2 && lines.contains("nothing to undo"), "\(lines)")
      #expect(lines.contains { $0.hasPrefix("wrote hotfix.lua (3 reads, 1 switch)") }, "\(lines)")
      let journal = try await command("journal", "list")
      #expect(journal.output.contains("repl") && journal.output.split(separator: "\n").count == 2, "\(journal.output)")
      let plan = try await command("plan", "hotfix.lua")
      #expect(plan.status == 0 && plan.output.contains("switch"), "\(plan.messages)\(plan.output)")
      let id = try #require(journal.output.firstMatch(of: /r-[0-9A-Z]+/)).output
      let resumed = try await command("resume", String(id))
      #expect(resumed.status == 64, "\(resumed.messages)")
    }
  }

  @Test func inputsAreUndoneOneAfterTheOtherAndLeaveNoLock() async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      let publish = "apig.publish{ api = 'pay-create', env = 'TEST' }.version_id ~= nil"
      let run = try await command.onTerminal(
        [], columns: 80, watching: .screen,
        typing: typed(publish, "print(apig.publish{ api = 'pay-refund', env = 'TEST' } and 'again')", ".undo", ".undo"))
      #expect(run.status == .exited(0), "\(run.screen)")
      #expect(run.lines(columns: 80).contains("again"), "\(run.screen)")
      #expect(run.lines(columns: 80).filter { $0.contains("1 undone") }.count == 2, "\(run.screen)")
      #expect(try await command("lock", "list").output.contains("TEST") == false)
    }
  }

  @Test func aScriptFindsTheSessionWhereItHasMoved() async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      let run = try await command.onTerminal(
        [], columns: 80, watching: .screen,
        typing: [
          .init(Self.prompt, "apig.run.env"), .init(Self.prompt, ".env TEST"),
          .init("local/TEST> ", "apig.run.gateway .. '|' .. apig.run.env"),
          .init("local/TEST> ", "local e = 'RELEASE' h = apig.history{ api = 'pay-create', env = e }"),
          .init("local/TEST> ", ".save looked.lua"), .init("local/TEST> ", keys: "\u{4}"),
        ])
      #expect(run.status == .exited(0), "\(run.screen)")
      #expect(run.lines(columns: 80).contains("nil") && run.lines(columns: 80).contains("local|TEST"), "\(run.screen)")
      let saved = try String(contentsOf: folder.appending(path: "looked.lua"), encoding: .utf8)
      #expect(saved.contains("\ndo\nlocal e = 'RELEASE'") && saved.contains("\nend\n"), "\(saved)")
    }
  }

  @Test func whatADotCommandChangesIsToldAndUndoneByItself() async throws {
    try await withTemporaryFolder { folder in
      let run = try await Command(in: folder).onTerminal(
        [], columns: 80, watching: .screen,
        typing: typed(
          ".json apig.publish{ api = 'pay-create', env = 'TEST' }.api_id ~= nil",
          ".type apig.publish{ api = 'pay-refund', env = 'TEST' }", ".undo", ".undo", ".undo"))
      let lines = run.lines(columns: 80)
      #expect(lines.contains("✔ pay-create published (undo: .undo)"), "\(lines)")
      #expect(lines.contains("✔ pay-refund published (undo: .undo)"), "\(lines)")
      let undone = lines.filter { $0.hasPrefix("undoes") }
      #expect(undone.count == 2 && undone.first?.contains("pay-refund") == true, "\(lines)")
      #expect(undone.last?.contains("pay-create") == true && lines.contains("nothing to undo"), "\(lines)")
    }
  }

  @Test func aPartThatUndidItselfLeavesNothingToUndo() async throws {
    try await session(
      typed(
        "pcall(apig.with_rollback, function() apig.publish{ api = 'pay-create', env = 'TEST' } error('x') end)", ".undo"
      )
    ) { run, lines in
      #expect(lines.contains("nothing to undo") && !run.screen.contains("(undo: .undo)"), "\(lines)")
    }
  }
}
