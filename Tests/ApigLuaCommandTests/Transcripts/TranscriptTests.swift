import Foundation
import GatewayTestSupport
import Subprocess
import Testing

/// The product's own transcripts of a release: on a terminal, in a pipe, and in the log of a build server.
@Suite(.timeLimit(.minutes(5))) struct TranscriptTests {
  // MARK: - The first minute

  @Test func theFirstRunInANewProject() async throws {
    try await withTemporaryFolder { folder in
      let made = try await Command(in: folder).onTerminal(["init", "shop"])
      #expect(made.status == .exited(0))
      try Transcript(made, columns: 200).expect("init-terminal")
      let run = try await Command(in: folder.appending(path: "shop")).onTerminal(
        ["release.lua", "--group", "payments"])
      #expect(run.status == .exited(0))
      try Transcript(run, columns: 200).expect("first-run-terminal")
    }
  }

  // MARK: - Mistakes and refusals

  private static let mistaken = """
    local apig = require "apig"
    local p = apig.params { group = { type = "group", required = true }, env = { type = "env" } }

    local changed = apig.select { group = p.group, changed_in = p.env }
    apig.publish { apis = changed, enviroment = p.env }

    local sent = {}
    for _, api in ipairs(changed) do sent[api.nmae] = api end
    for name, api in pairs(sent) do
      apig.step(name, function() return apig.effective { api = api, env = p.env } end)
    end

    local res = apig.publish { apis = changed, on_failure = "return" }
    apig.http.get { url = "https://api.example.com/pay/ping" }
    """

  @Test func whatCheckFindsOnATerminalAndInAPipe() async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      try command.write(Self.mistaken, to: "release.lua")
      let shown = try await command.onTerminal(["check", "release.lua"])
      #expect(shown.status == .exited(1))
      try Transcript(shown, columns: 200).expect("check-terminal")
      let piped = try await command("check", "release.lua")
      #expect(piped.status == 1)
      try Transcript(piped.output + piped.messages).expect("check-pipe")
    }
  }

  @Test func whatIsNotGrantedIsRefusedInTheLogOfABuildServer() async throws {
    try await withTemporaryFolder { folder in
      var command = Command(in: folder)
      command.variables["CI"] = "true"
      try command.write(
        """
        local apig = require "apig"
        local answer = apig.http.get { url = "https://api.example.com/keys" }
        return answer.status
        """, to: "rotate.lua")
      let missing = try await command("--no-input", "run", "rotate.lua")
      #expect(missing.status == 6 && missing.output.isEmpty)
      try Transcript(missing.messages).expect("not-granted-log")
      try command.write("apig.offline { api = 'pay-create', env = 'RELEASE' }", to: "retire.lua")
      let denied = try await command("--no-input", "--deny", "offline:RELEASE", "run", "retire.lua")
      #expect(denied.status == 6 && denied.output.isEmpty)
      try Transcript(denied.messages).expect("denied-log")
    }
  }

  // MARK: - A plan

  @Test func aPlanOfAProtectedEnvironment() async throws {
    try await TranscriptProject.with(protection: "confirm", propagation: "10s") { project in
      let plan = try await project.command.run(["plan"] + project.canary + ["--out", "weekly.plan"])
      #expect(plan.status == 0)
      try Transcript(plan.output + plan.messages).expect("plan-pipe")
      let shown = try await project.command.onTerminal(["plan"] + project.canary + ["--assume", "health=fail:3"])
      #expect(shown.status == .exited(0))
      try Transcript(shown, columns: 200).expect("plan-assumed-terminal")
    }
  }

  // MARK: - A release in waves

  @Test(arguments: [80, 100]) func aPlanIsAppliedInWavesOnATerminal(_ columns: Int) async throws {
    try await TranscriptProject.with(protection: "type-name", propagation: "2s") { project in
      var command = project.command
      let plan = try await command.run(["plan"] + project.canary + ["--out", "weekly.plan"])
      #expect(plan.status == 0, "\(plan.messages)")
      command.variables["COLUMNS"] = String(columns)
      let run = try await command.onTerminal(
        ["apply", "weekly.plan"], typing: [.init("Type the environment's name to go on: ", "RELEASE")])
      #expect(run.status == .exited(0))
      // Wider than the terminal: the emulator would break what a terminal breaks.
      try Transcript(run, columns: 200).expect("apply-terminal")
      let settling = run.screens(columns: columns).first { screen in
        screen.contains { $0.contains("▸ wave 2/3   2/2 published · settling") }
      }
      try Transcript(screen: Array(try #require(settling, "\(run.screen)").suffix(3))).expect(
        "apply-wave-\(columns)-columns")
    }
  }

  @Test func aReleaseInWavesInAPipe() async throws {
    try await TranscriptProject.with { project in
      let run = try await project.command.run(["--yes"] + project.canary)
      #expect(run.status == 0 && run.output == "{\"published\":6,\"waves\":3}\n")
      try Transcript(run.messages).expect("release-pipe")
    }
  }

  // MARK: - An undo

  /// The fifth probe is the first after the second wave.
  private static let illness = "probe /pay/ping: 502 from=5"

  @Test func aFailedProbeUndoesEverythingOnATerminal() async throws {
    try await TranscriptProject.with(faults: [Self.illness]) { project in
      let run = try await project.command.onTerminal(["--yes"] + project.canary)
      #expect(run.status == .exited(4))
      try Transcript(run, columns: 400).expect("undone-terminal")
    }
  }

  @Test func aFailedProbeUndoesEverythingInAPipe() async throws {
    try await TranscriptProject.with(faults: [Self.illness]) { project in
      let run = try await project.command.run(["--yes"] + project.canary)
      #expect(run.status == 4 && run.output.isEmpty)
      try Transcript(run.messages).expect("undone-pipe")
    }
  }

  @Test func theSameInTheLogOfABuildServer() async throws {
    try await TranscriptProject.with(faults: [Self.illness]) { project in
      var command = project.command
      command.variables["CI"] = "true"
      let plan = try await command.run(["plan"] + project.canary + ["--out", "weekly.plan"])
      #expect(plan.status == 0, "\(plan.messages)")
      let run = try await command.run(["--yes", "apply", "weekly.plan"])
      #expect(run.status == 4 && run.output.isEmpty)
      try Transcript(run.messages).expect("undone-log")
    }
  }

  @Test func anIncompleteUndoSaysWhatRunsAndWhatToType() async throws {
    let faults = [Self.illness, "switch_version: 404 code=APIG.3002 api=pay-2"]
    try await TranscriptProject.with(faults: faults) { project in
      let run = try await project.command.run(["--yes"] + project.canary)
      #expect(run.status == 5 && run.output.isEmpty)
      try Transcript(run.messages).expect("undo-incomplete-pipe")
    }
  }

  // MARK: - Some fail

  @Test func aScriptGoesOnWhereSomeFail() async throws {
    let faults = ["publish: 404 code=APIG.3002 api=pay-2", "publish: 503 code=APIG.9999 api=pay-4"]
    try await TranscriptProject.with(faults: faults) { project in
      try project.command.write(
        """
        local apig = require "apig"
        local done = 0
        for _, api in ipairs(apig.select { group = "payments", changed_in = "RELEASE" }) do
          if apig.try.publish { api = api, env = "RELEASE" } then done = done + 1 end
        end
        return { published = done }
        """, to: "nightly.lua")
      let run = try await project.command.run(["--retries", "2", "nightly.lua"])
      #expect(run.status == 3 && run.output == "{\"published\":4}\n")
      try Transcript(run.messages).expect("partly-done-pipe")
    }
  }

  // MARK: - The machine dies

  private static let waves = """
    local apig = require "apig"
    local p = apig.params { group = { type = "group", required = true } }
    local changed = apig.select { group = p.group, changed_in = "RELEASE" }
    for wave in apig.waves(changed, { 1, "50%", "100%" }) do
      for _, api in ipairs(wave.items) do apig.publish { api = api, env = "RELEASE", remark = "weekly" } end
    end
    return { published = #changed }
    """

  @Test func anotherDayInAPipe() async throws {
    try await TranscriptProject.with { project in
      let command = project.command
      try command.write(Self.waves, to: "waves.lua")
      try await project.killed(waitingForAnswer: 3, ["waves.lua", "--group", "payments"])
      let refused = try await command("release.lua", "--group", "payments")
      #expect(refused.status == 7)
      try Transcript(refused.messages).expect("held-pipe")
      let id = try #require(refused.messages.firstMatch(of: /resume (r-\w+)/)?.1)
      let resumed = try await command("resume", String(id))
      #expect(resumed.status == 0 && resumed.output == "{\"published\":6}\n")
      try Transcript(resumed.messages).expect("resumed-pipe")
    }
  }

  @Test func anotherDayOnATerminal() async throws {
    try await TranscriptProject.with { project in
      let command = project.command
      try command.write(Self.waves, to: "waves.lua")
      try await project.killed(waitingForAnswer: 3, ["waves.lua", "--group", "payments"])
      let refused = try await command.onTerminal(["release.lua", "--group", "payments"])
      #expect(refused.status == .exited(7))
      try Transcript(refused, columns: 200).expect("held-terminal")
      let id = try #require(refused.screen.firstMatch(of: /resume (r-\w+)/)?.1)
      let resumed = try await command.onTerminal(["resume", String(id)])
      #expect(resumed.status == .exited(0))
      try Transcript(resumed, columns: 200).expect("resumed-terminal")
    }
  }
}
