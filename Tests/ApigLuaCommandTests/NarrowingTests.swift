import GatewayTestSupport
import Testing

/// What a command line leaves of a script's selections.
@Suite(.timeLimit(.minutes(20))) struct NarrowingTests {
  private static let names =
    "local list = apig.select { group = 'payments', changed_in = 'RELEASE', sort_by = 'name' } "
    + "return table.concat(list:names(), ' ')"

  @Test(arguments: [
    (["--only", "pay-c*"], "pay-create\n"), (["--skip", "*-webhook"], "pay-create pay-refund\n"),
    (["--only", "pay-*", "--skip", "pay-re*", "--skip", "*hook"], "pay-create\n"), (["--only", "none"], "\n"),
  ])
  func namesNarrowASelection(_ flags: [String], _ expected: String) async throws {
    try await withTemporaryFolder { folder in
      let run = try await Command(in: folder).run(flags + ["-e", Self.names])
      #expect(run.status == 0 && run.output == expected, "\(run.messages)")
    }
  }

  @Test func whatAnotherRunDidNotLeaveChangedIsTriedAgain() async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      _ = try await command("local", "fault", "publish: 400 code=APIG.2011 api=pay-refund")
      let script = """
        for _, api in ipairs(apig.select { group = "payments", changed_in = "RELEASE" }) do
          apig.try.publish { api = api, env = "RELEASE" }
        end
        """
      try command.write(script, to: "nightly.lua")
      let partly = try await command("nightly.lua")
      #expect(partly.status == 3, "\(partly.messages)")
      let id = try #require(partly.messages.firstMatch(of: /--only-failed-of (r-\w+)/)?.1)
      _ = try await command("local", "fault", "--clear")
      let again = try await command("--only-failed-of", String(id), "nightly.lua")
      #expect(again.status == 0 && again.messages.contains("1 published"), "\(again.messages)")
      let nothing = try await command("--only-failed-of", "last", "nightly.lua")
      #expect(nothing.status == 64 && nothing.messages.contains("left no API failed or undone"), "\(nothing.messages)")
    }
  }

  @Test func optionsMayStandBeforeACommand() async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      let plan = try await command(
        "--gateway", "local", "plan", "-e", "apig.publish { api = 'pay-create', env = 'TEST' }")
      #expect(plan.status == 0 && plan.output.contains("publish"), "\(plan.output)\(plan.messages)")
      try command.write("return ...", to: "status.lua")
      let word = try await command("-q", "status.lua", "plan")
      #expect(word.output == "plan\n", "behind the script every word is the script's")
    }
  }
}
