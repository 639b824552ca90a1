import Foundation
import GatewayTestSupport
import Subprocess
import Synchronization
import Testing

/// A session whose inputs are only planned, and applying them.
@Suite(.timeLimit(.minutes(10))) struct PlannedSessionTests {
  private static let planning = "prod/RELEASE?> "
  private static let writing = "prod/RELEASE*?> "
  private static let leave = Command.Typing("?> ", keys: "\u{4}")
  private static let history = "h = apig.history{ api = 'pay-refund', env = 'RELEASE' }"
  private static let change =
    "_ = apig.switch_version{ api = 'pay-refund', env = 'RELEASE', version = h[2] } and nil"

  private static let publish = "_ = apig.publish{ api = 'pay-create', env = 'TEST' } and nil"

  private func withProject(
    protect: String = "none", faults: [String] = [], _ body: @escaping @Sendable (Command) async throws -> Void
  ) async throws {
    try await withGatewayProject(
      options: faults.flatMap { ["--fault", $0] }, lines: ["envs: { RELEASE: { protect: \(protect) } }"]
    ) { command, _ in
      var command = command
      command.variables["APIG_ENV"] = "RELEASE"
      try await body(command)
    }
  }

  /// What every environment runs and keeps: a line for each version, with its API's name.
  private func state(_ command: Command) async throws -> [String] {
    let script = """
      for _, env in ipairs(apig.envs{}) do
        for _, api in ipairs(apig.apis{}) do
          for _, version in ipairs(apig.history{ api = api.id, env = env.name }) do
            print(env.name, api.name, version.version_no, version.status)
          end
        end
      end
      """
    let run = try await command("-e", script)
    #expect(run.status == 0, "\(run.messages)")
    return run.output.split(separator: "\n").map(String.init)
  }

  /// The lines that one of two states has and the other has not.
  private func difference(_ before: [String], _ after: [String]) -> [String] {
    Set(before).symmetricDifference(after).sorted()
  }

  private func typed(_ prompt: String, _ inputs: String...) -> [Command.Typing] {
    inputs.map { Command.Typing(prompt, $0) }
  }

  /// Somebody else's doing.
  private func other(_ command: Command, _ code: String) -> @Sendable () async -> Void {
    {
      let run = try? await command("--yes", "-e", code)
      #expect(run?.status == 0, "\(run?.messages ?? "it was not run")")
    }
  }

  // MARK: - Planning

  @Test func nothingIsChangedWhileInputsAreOnlyPlanned() async throws {
    try await withProject(protect: "confirm") { command in
      try await withScriptedServer { _ in
        .json(200, "{}")
      } _: { server in
        let before = try await state(command)
        let run = try await command.onTerminal(
          ["--allow", "http:\(server.url)"], columns: 100, watching: .screen,
          typing: [.init("prod/RELEASE> ", "twice = 6 * 7 function f() end"), .init("prod/RELEASE> ", ".plan on")]
            + typed(
              Self.planning, "twice", Self.history, Self.change,
              "apig.history{ api = 'pay-refund', env = 'RELEASE' }:effective().version_no == h[2].version_no",
              "v = apig.publish{ api = 'pay-create', env = 'TEST' }", "v.version_id",
              "apig.http.post{ url = '\(server.url)/hook', json = { a = 1 } }.status",
              "apig.confirm{ text = 'really?' }",
              "pcall(apig.with_rollback, function() apig.publish{ api = 'pay-create', env = 'RELEASE' } error('x') end)",
              ".json apig.offline{ api = 'pay-create', env = 'RELEASE' } == nil", ".undo", ".save kept.lua",
              ".load kept.lua", ".history", ".plan off")
            + [.init("prod/RELEASE> ", "v == nil and h == nil"), .init("prod/RELEASE> ", keys: "\u{4}")])
        #expect(run.status == .exited(0), "\(run.screen)")
        let lines = run.lines(columns: 100)
        #expect(lines.contains("42") && lines.filter { $0 == "true" }.count >= 2, "\(lines)")
        #expect(lines.contains("not known to what is planned, for it cannot be copied: f"), "\(lines)")
        #expect(lines.contains { $0.hasPrefix("  ~ switch ") && $0.contains("1 API in RELEASE") }, "\(lines)")
        #expect(lines.contains { $0.hasPrefix("  ~ publish ") && $0.contains("1 API to TEST") }, "\(lines)")
        #expect(run.screen.contains("after apply: version of pay-create"), "\(lines)")
        #expect(
          run.screen.contains("1 request elsewhere") && run.screen.contains("put back after the failure"), "\(lines)")
        #expect(lines.filter { $0.contains("inputs are only planned") }.count == 3, "\(lines)")
        #expect(lines.contains { $0.hasSuffix("-- planned") }, "\(lines)")
        #expect(lines.contains { $0.hasPrefix("dropped what was planned") }, "\(lines)")
        #expect(server.requests.isEmpty)
        #expect(try await difference(before, state(command)) == [])
        let journal = try await command("journal", "list")
        #expect(journal.output.firstMatch(of: /r-[0-9A-Z]{6}/) == nil, "\(journal.output)")
        #expect(!FileManager.default.fileExists(atPath: command.folder.appending(path: "kept.lua").path))
      }
    }
  }

  @Test func aDryRunIsASessionThatPlans() async throws {
    try await withProject { command in
      try command.write("_ = apig.publish{ api = 'pay-create', env = 'TEST' } and nil", to: "change.lua")
      let before = try await state(command)
      for arguments in [["-n"], ["--dry-run", "-i", "change.lua"], ["repl", "-n", "change.lua"]] {
        let run = try await command.onTerminal(
          arguments, columns: 100, watching: .screen,
          typing: typed(Self.planning, "_ = apig.publish{ api = 'pay-refund', env = 'TEST' } and nil") + [Self.leave])
        #expect(run.status == .exited(0), "\(run.screen)")
        #expect(run.screen.contains("inputs only show what they would do"), "\(run.screen)")
        #expect(run.screen.contains("a script is part of it") == (arguments.count > 1), "\(run.screen)")
      }
      #expect(try await difference(before, state(command)) == [])
    }
  }

  // MARK: - Applying

  @Test func applyDoesWhatWasPlannedAndNothingElse() async throws {
    try await withProject(protect: "confirm") { command in
      let before = try await state(command)
      let run = try await command.onTerminal(
        ["-n"], columns: 100, watching: .screen,
        typing: typed(
          Self.planning, ".apply", Self.history, Self.change, ".apply", ".write")
          + typed(Self.writing, "v = apig.publish{ api = 'pay-create', env = 'TEST' }", ".apply")
          + [
            .init("[y/N] ", "y"), .init("applied: 2 inputs", keys: ""), .init(Self.writing, ".apply"),
            .init(Self.writing, ".plan off"), .init("prod/RELEASE*> ", ".undo"),
            .init("prod/RELEASE*> ", "#v.version_id"),
            .init("prod/RELEASE*> ", keys: "\u{4}"),
          ])
      #expect(run.status == .exited(0), "\(run.screen)")
      let lines = run.lines(columns: 100)
      #expect(lines.filter { $0 == "nothing is planned yet" }.count == 2, "\(lines)")
      #expect(run.screen.contains("RELEASE of prod is protected: this session only reads"), "\(lines)")
      #expect(lines.contains("✔ pay-refund switched (undo: .undo)"), "\(lines)")
      #expect(lines.contains { $0.contains("undoes publish pay-create in TEST") }, "\(lines)")
      #expect(lines.contains("32"), "\(lines)")
      let changed = try await difference(before, state(command))
      #expect(changed.contains { $0.hasPrefix("RELEASE\tpay-refund") }, "\(changed)")
      #expect(
        changed.allSatisfy { $0.hasPrefix("RELEASE\tpay-refund") || $0.hasPrefix("TEST\tpay-create") }, "\(changed)")
    }
  }

  @Test func whatSomebodyElseChangedMeanwhileIsNotChanged() async throws {
    try await withProject { command in
      let meddle = other(command, "apig.publish{ api = 'pay-refund', env = 'RELEASE', remark = 'other' }")
      let run = try await command.onTerminal(
        ["-n"], columns: 100, watching: .screen,
        typing: typed(Self.planning, Self.publish, Self.history, Self.change)
          + [.init(Self.planning, ".apply", after: meddle)] + typed(Self.planning, ".plan", ".plan again", ".apply")
          + [.init("applied: 2 inputs", keys: ""), Self.leave])
      #expect(run.status == .exited(0), "\(run.screen)")
      let lines = run.lines(columns: 100)
      let refused = try #require(lines.firstIndex { $0.contains("the plan is stale: nothing was sent") }, "\(lines)")
      #expect(lines[refused + 1].contains("the version in effect of pay-refund in RELEASE is now"), "\(lines)")
      #expect(!lines[..<refused].contains { $0.contains("(undo: .undo)") }, "\(lines)")
    }
  }

  @Test func anInputIsAppliedWhereItWasPlanned() async throws {
    try await withProject { command in
      let before = try await state(command)
      let run = try await command.onTerminal(
        ["-n"], columns: 100, watching: .screen,
        typing: [
          .init(Self.planning, ".env TEST"),
          .init("prod/TEST?> ", "_ = apig.publish{ api = 'pay-create' } and nil"),
          .init("prod/TEST?> ", ".env RELEASE"), .init(Self.planning, ".gateway local"), .init(Self.planning, ".apply"),
          .init("applied: 1 input", keys: ""), Self.leave,
        ])
      #expect(run.status == .exited(0), "\(run.screen)")
      #expect(run.screen.contains(".gateway would leave what is planned for prod"), "\(run.screen)")
      let changed = try await difference(before, state(command))
      #expect(!changed.isEmpty && changed.allSatisfy { $0.hasPrefix("TEST\tpay-create") }, "\(changed)")
    }
  }

  @Test func whatDoesNotWorkEndsItAndStaysPlanned() async throws {
    try await withProject(protect: "confirm") { command in
      let before = try await state(command)
      let run = try await command.onTerminal(
        ["-n"], columns: 100, watching: .screen,
        typing: typed(Self.planning, ".write")
          + typed(
            Self.writing, "_ = apig.publish{ api = 'pay-create', env = 'TEST' } and nil", Self.history, Self.change,
            "_ = apig.publish{ api = 'pay-refund', env = 'TEST' } and nil", ".apply")
          + [.init("[y/N] ", "n"), .init("1 applied", keys: ""), .init(Self.writing, ".plan"), Self.leave])
      #expect(run.status == .exited(0), "\(run.screen)")
      let lines = run.lines(columns: 100)
      #expect(run.screen.contains("the answer was no"), "\(lines)")
      let listed = try #require(lines.lastIndex(of: "planned, in this order:"), "\(lines)")
      #expect(lines[(listed + 1)...].prefix(2).map { $0.contains("pay-refund") } == [true, true], "\(lines)")
      let changed = try await difference(before, state(command))
      #expect(!changed.isEmpty && changed.allSatisfy { $0.hasPrefix("TEST\tpay-create") }, "\(changed)")
    }
  }

  @Test func aChangeThatWasNotPlannedIsNotMade() async throws {
    try await withProject { command in
      let before = try await state(command)
      let run = try await command.onTerminal(
        ["-n"], columns: 100, watching: .screen,
        typing: typed(
          Self.planning,
          "name = apig.run.mode == 'plan' and 'pay-create' or 'pay-refund'",
          "_ = pcall(apig.publish, { api = name, env = 'TEST' }) and nil", ".apply")
          + [.init("0 applied", keys: ""), Self.leave])
      #expect(run.status == .exited(0), "\(run.screen)")
      #expect(run.screen.contains("the plan has no publish of"), "\(run.screen)")
      #expect(try await difference(before, state(command)) == [])
    }
  }

  @Test func requestsElsewhereAreSentOnceAndOnlyAsPlanned() async throws {
    try await withProject { command in
      try await withScriptedServer { _ in
        .json(200, "{}")
      } _: { server in
        let run = try await command.onTerminal(
          ["-n", "--allow", "http:\(server.url)"], columns: 100, watching: .screen,
          typing: typed(
            Self.planning, "apig.http.post{ url = '\(server.url)/told', json = { a = 1 } }.status",
            "path = apig.run.mode == 'plan' and '/planned' or '/other'",
            "apig.http.post{ url = '\(server.url)' .. path, json = { a = 2 } }.status", ".apply")
            + [.init("1 applied", keys: ""), Self.leave])
        #expect(run.status == .exited(0), "\(run.screen)")
        #expect(server.requests.map(\.path) == ["/told"])
        #expect(run.screen.contains("the plan has no such POST"), "\(run.screen)")
      }
    }
  }

  @Test func anInputThatFailedBehindAPlannedChangeIsNotApplied() async throws {
    try await withProject { command in
      let before = try await state(command)
      let run = try await command.onTerminal(
        ["-n"], columns: 100, watching: .screen,
        typing: typed(
          Self.planning, "nonsense()", "_ = apig.publish{ api = 'pay-refund', env = 'TEST' } and nil",
          "apig.publish{ api = 'pay-create', env = 'TEST' } error('behind')", ".apply", ".plan again", ".apply")
          + [.init("applied: 1 input", keys: ""), Self.leave])
      #expect(run.status == .exited(0), "\(run.screen)")
      #expect(run.screen.contains("the plan cannot be applied: 'nonsense()' failed while it ran"), "\(run.screen)")
      let changed = try await difference(before, state(command))
      #expect(!changed.isEmpty && changed.allSatisfy { $0.hasPrefix("TEST\tpay-refund") }, "\(changed)")
    }
  }

  // MARK: - What goes otherwise

  @Test func aStoppedApplyBeginsNoFurtherInput() async throws {
    try await withProject(faults: ["publish: latency=5s times=1"]) { command in
      try await withScriptedServer { _ in
        .json(200, "{}")
      } _: { server in
        let before = try await state(command)
        let run = try await command.onTerminal(
          ["-n", "--allow", "http:\(server.url)"], columns: 100, watching: .screen,
          typing: typed(
            Self.planning, Self.publish, "_ = apig.http.post{ url = '\(server.url)/told' } and nil",
            "_ = apig.publish{ api = 'pay-refund', env = 'TEST' } and nil", ".apply")
            + [
              .init("publish   0/1", sending: .interrupt), .init(" applied; ", keys: ""),
              .init("still planned: 2 inputs", keys: ""), Self.leave,
            ])
        #expect(run.status == .exited(0), "\(run.screen)")
        #expect(run.screen.contains("nothing more is sent"), "\(run.screen)")
        #expect(server.requests.isEmpty)
        let changed = try await difference(before, state(command))
        #expect(!changed.isEmpty && changed.allSatisfy { $0.hasPrefix("TEST\tpay-create") }, "\(changed)")
      }
    }
  }

  @Test func whatSomebodyElseChangesWhileItAsksIsNotOverwritten() async throws {
    try await withProject(protect: "confirm") { command in
      let meddle = other(command, "apig.publish{ api = 'pay-refund', env = 'RELEASE', remark = 'other' }")
      let run = try await command.onTerminal(
        ["-n"], columns: 100, watching: .screen,
        typing: typed(Self.planning, ".write") + typed(Self.writing, Self.history, Self.change, ".apply")
          + [.init("[y/N] ", "y", after: meddle), .init("0 applied; '_ = apig.switch_version", keys: ""), Self.leave])
      #expect(run.status == .exited(0), "\(run.screen)")
      #expect(run.screen.contains("the plan is stale: the version in effect of pay-refund in RELEASE"), "\(run.screen)")
      #expect(!run.screen.contains("(undo: .undo)"), "\(run.screen)")
      let now = try await state(command).first { $0.hasPrefix("RELEASE\tpay-refund") }
      #expect(now?.hasSuffix("\t1") == true, "\(now ?? "")")
    }
  }

  @Test func whatSomebodyElseChangesBetweenInputsIsNotOverwritten() async throws {
    try await withProject { command in
      try await withScriptedServer { _ in
        await other(command, "apig.offline{ api = 'pay-create', env = 'TEST' }")()
        return .json(200, "{}")
      } _: { server in
        let run = try await command.onTerminal(
          ["-n", "--allow", "http:\(server.url)"], columns: 100, watching: .screen,
          typing: typed(
            Self.planning, Self.publish, "_ = apig.http.post{ url = '\(server.url)/told' } and nil", Self.publish,
            ".apply") + [.init("2 applied; '_ = apig.publish", keys: ""), Self.leave])
        #expect(run.status == .exited(0), "\(run.screen)")
        #expect(run.screen.contains("the plan is stale: pay-create was taken off TEST"), "\(run.screen)")
        #expect(run.screen.components(separatedBy: "(undo: .undo)").count == 2, "\(run.screen)")
      }
    }
  }

  @Test func anInputThatDidAPartIsNotDoneAgain() async throws {
    try await withProject(protect: "confirm") { command in
      try await withScriptedServer { _ in
        .json(200, "{}")
      } _: { server in
        let run = try await command.onTerminal(
          ["-n", "--allow", "http:\(server.url)"], columns: 100, watching: .screen,
          typing: typed(Self.planning, ".write")
            + typed(
              Self.writing, Self.history,
              "apig.http.post{ url = '\(server.url)/told' } \(Self.publish) \(Self.change)",
              "_ = apig.publish{ api = 'pay-refund', env = 'TEST' } and nil", ".apply")
            + [.init("[y/N] ", "n"), .init("0 applied; 'apig.http.post", keys: "")]
            + [.init("still planned: 1 input, beginning with '_ = apig.publish{ api = 'pay-refund'", keys: "")]
            + typed(Self.writing, ".apply", ".plan again", ".apply")
            + [
              .init("applied: 1 input", keys: ""), .init(Self.writing, ".plan off"), .init("prod/RELEASE*> ", ".undo"),
              .init("undoes publish pay-refund in TEST", keys: ""), .init("prod/RELEASE*> ", ".undo"),
              .init("undoes publish pay-create in TEST", keys: ""), .init("prod/RELEASE*> ", keys: "\u{4}"),
            ])
        #expect(run.status == .exited(0), "\(run.screen)")
        #expect(run.screen.contains("the plan cannot be applied: a part of it was applied"), "\(run.screen)")
        #expect(server.requests.map(\.path) == ["/told"])
      }
    }
  }

  @Test func nothingIsLostWhenTheRestCannotBePlannedForAMoment() async throws {
    let isBroken = Mutex(false)
    try await withProject { command in
      try await withScriptedServer { _ in
        .json(isBroken.withLock(\.self) ? 404 : 200, "{}")
      } _: { server in
        let run = try await command.onTerminal(
          ["-n", "--allow", "http:\(server.url)"], columns: 100, watching: .screen,
          typing: typed(
            Self.planning, Self.publish,
            "assert(apig.http.get{ url = '\(server.url)/state' }.status == 200, 'down')",
            "_ = apig.publish{ api = 'pay-refund', env = 'TEST' } and nil")
            + [
              .init(Self.planning, ".plan again", after: { isBroken.withLock { $0 = true } }),
              .init("all 3 stay listed", keys: ""), .init(Self.planning, ".apply"), .init(Self.planning, ".plan"),
              .init(Self.planning, ".plan again", after: { isBroken.withLock { $0 = false } }),
              .init(Self.planning, ".apply"), .init("applied: 2 inputs", keys: ""), Self.leave,
            ])
        #expect(run.status == .exited(0), "\(run.screen)")
        let lines = run.lines(columns: 100)
        let refused = try #require(lines.firstIndex { $0.hasSuffix("> .apply") }, "\(lines)")
        #expect(lines[refused + 1].contains("the plan cannot be applied: 'assert("), "\(lines)")
        let listed = try #require(lines[refused...].firstIndex(of: "planned, in this order:"), "\(lines)")
        #expect(lines[(listed + 1)...].prefix(2).allSatisfy { $0.hasPrefix("  _ = apig.publish") }, "\(lines)")
      }
    }
  }

  @Test func aModuleThatChangedIsNotRun() async throws {
    try await withProject { command in
      let module = "return { go = function() return require 'apig'.publish{ api = 'NAME', env = 'TEST' } end }"
      let write: @Sendable (String) -> @Sendable () async -> Void = { name in
        { #expect(throws: Never.self) { try command.write(module.replacing("NAME", with: name), to: "release.lua") } }
      }
      await write("pay-create")()
      let before = try await state(command)
      let use = "_ = require 'release'.go() and nil"
      let run = try await command.onTerminal(
        ["-n"], columns: 100, watching: .screen,
        typing: typed(Self.planning, use)
          + [
            .init(Self.planning, ".apply", after: write("pay-refund")),
            .init("the plan is stale: nothing was", keys: ""),
            .init("'release' was changed", keys: ""), .init(Self.planning, ".plan again", after: write("pay-create")),
            .init(Self.planning, ".apply"), .init("applied: 1 input", keys: ""),
            .init(Self.planning, use, after: write("pay-refund")), .init(Self.planning, ".apply"),
            .init("the session still has the module 'release' as it was", keys: ""), Self.leave,
          ])
      #expect(run.status == .exited(0), "\(run.screen)")
      let changed = try await difference(before, state(command))
      #expect(!changed.isEmpty && changed.allSatisfy { $0.hasPrefix("TEST\tpay-create") }, "\(changed)")
      #expect(changed.count { $0.hasPrefix("TEST") } == 1, "\(changed)")
    }
  }

  @Test func aRefusalThatIsCaughtEndsTheInput() async throws {
    try await withProject { command in
      let before = try await state(command)
      let run = try await command.onTerminal(
        ["-n"], columns: 100, watching: .screen,
        typing: typed(
          Self.planning, "name = apig.run.mode == 'plan' and 'pay-create' or 'pay-refund'",
          "pcall(apig.publish, { api = name, env = 'TEST' }) _ = apig.publish{ api = 'pay-webhook', env = 'TEST' } and nil",
          ".apply") + [.init("0 applied", keys: ""), Self.leave])
      #expect(run.status == .exited(0), "\(run.screen)")
      #expect(run.screen.contains("the plan has no publish of"), "\(run.screen)")
      #expect(try await difference(before, state(command)) == [])
    }
  }

  @Test func anInputThatDoesLessThanPlannedEndsIt() async throws {
    try await withProject { command in
      let before = try await state(command)
      let run = try await command.onTerminal(
        ["-n"], columns: 100, watching: .screen,
        typing: typed(
          Self.planning, "if apig.run.mode == 'plan' then apig.publish{ api = 'pay-refund', env = 'TEST' } end",
          Self.publish, ".apply") + [
            .init("0 applied", keys: ""), .init("still planned: 2 inputs", keys: ""), Self.leave,
          ])
      #expect(run.status == .exited(0), "\(run.screen)")
      #expect(run.screen.contains("no publish of pay-refund in TEST"), "\(run.screen)")
      #expect(try await difference(before, state(command)) == [])
    }
  }

  @Test func whatWouldFailOrCallsAnAPIIsNotApplied() async throws {
    try await withProject { command in
      let before = try await state(command)
      let run = try await command.onTerminal(
        ["-n"], columns: 100, watching: .screen,
        typing: typed(
          Self.planning, "_ = pcall(apig.offline, { api = 'pay-webhook', env = 'TEST' }) and nil", ".apply",
          ".plan off") + typed("prod/RELEASE> ", ".plan on")
          + typed(
            Self.planning,
            "if apig.run.mode == 'run' then pcall(apig.debug, { api = 'pay-create' }) end",
            Self.publish, ".apply") + [.init("0 applied", keys: ""), Self.leave])
      #expect(run.status == .exited(0), "\(run.screen)")
      #expect(run.screen.contains("a change of '_ = pcall(apig.offline"), "\(run.screen)")
      #expect(run.screen.contains("the plan has no debug"), "\(run.screen)")
      #expect(try await difference(before, state(command)) == [])
    }
  }

  @Test func aDraftIsEditedAndPublishedUnlessSomebodyElseEditedIt() async throws {
    try await withProject { command in
      let edit = """
        d = apig.api{ api = 'pay-refund' } body = {} for k, v in pairs(d) do body[k] = v end body.remark = 'TEXT' \
        body.update_time = nil _ = apig.update_api{ api = 'pay-refund', definition = body } and nil
        """
      let mine = edit.replacing("TEXT", with: "mine")
      let run = try await command.onTerminal(
        ["-n"], columns: 100, watching: .screen,
        typing: typed(
          Self.planning, mine, "_ = apig.publish{ api = 'pay-refund', env = 'TEST' } and nil", ".apply")
          + [
            .init("applied: 2 inputs", keys: ""), .init(Self.planning, mine),
            .init(Self.planning, ".apply", after: other(command, edit.replacing("TEXT", with: "other"))),
            .init("the draft of pay-refund was edited at", keys: ""), Self.leave,
          ])
      #expect(run.status == .exited(0), "\(run.screen)")
      let now = try await command("-e", "print(apig.api{ api = 'pay-refund' }.remark)")
      #expect(now.output == "other\n", "\(now.output)")
    }
  }
}
