import Foundation
import GatewayTestSupport
import Testing

/// An organisation's policy: it narrows what every script may do, and never an undo.
@Suite(.timeLimit(.minutes(5))) struct PolicyTests {
  private static let release = "apig.publish { group = 'payments', env = 'RELEASE' }"

  private func withPolicy(
    _ policy: String, _ body: @escaping @Sendable (Command) async throws -> Void
  ) async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      try PackageFiles.write([".config/apig-lua/policy.yaml": policy + "\n"], to: folder)
      try await body(command)
    }
  }

  @Test(
    arguments: [
      ("operations: [read]", release, "forbids publish"),
      ("operations: [read, publish]", "apig.offline { api = 'pay-create', env = 'RELEASE' }", "forbids offline"),
      ("operations: [read, publish]", "apig.create_group { name = 'mine' }", "forbids create_group"),
      ("operations: [publish]", "apig.apis {}", "forbids read"),
      ("environments: [STAGING]", release, "forbids changes of RELEASE"),
      (
        "environments: [STAGING]", "apig.publish { api = 'pay-create', env_id = 'DEFAULT_ENVIRONMENT_RELEASE_ID' }",
        "forbids changes of RELEASE"
      ),
      ("groups: [\"orders*\"]", release, "forbids changes of APIs of the group payments"),
      (
        "groups: [\"orders*\"]", "apig.publish { api = 'pay-create', env = 'RELEASE' }",
        "forbids changes of APIs of the group payments"
      ),
      ("max_apis: 2", release, "forbids more than 2 APIs in one run"),
      ("groups: [\"orders*\"]", "apig.update_group { group = 'payments', name = 'orders_mine' }", "forbids changes of"),
      (
        "groups: [\"orders*\"]", "apig.delete_api { api = 'pay-create' }",
        "forbids changes of APIs of the group payments"
      ),
      ("groups: [\"orders*\"]", "apig.create_group { name = 'mine' }", "forbids create_group"),
      ("groups: [\"orders*\"]", "apig.create_env { name = 'MINE' }", "forbids create_env"),
      ("environments: [STAGING]", "apig.create_env { name = 'MINE' }", "forbids create_env"),
    ])
  func whatItForbidsIsRefusedBeforeAnyChange(_ policy: String, _ script: String, _ message: String) async throws {
    try await withPolicy(policy) { command in
      let run = try await command("--yes", "-e", script)
      #expect(run.status == 6, "\(run.messages)")
      #expect(run.messages.contains("the organisation's policy \(message)"), "\(run.messages)")
      #expect(run.messages.contains("policy.yaml"))
    }
  }

  @Test func whoAsksWithoutAScriptIsHeldToItToo() async throws {
    try await withPolicy("operations: [publish]") { command in
      for words in [
        ["api", "list"], ["api", "export", "--group", "payments", "--env", "RELEASE"], ["drift", "STAGING", "RELEASE"],
      ] {
        let told = try await command.run(words)
        #expect(told.status == 6 && told.messages.contains("policy forbids "), "\(words) \(told.messages)")
      }
    }
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      try command.write("permissions: { deny: [export] }", to: "apig.yaml")
      let told = try await command("api", "export", "--group", "payments", "--env", "RELEASE")
      #expect(told.status == 6 && told.output.isEmpty, "\(told.messages)")
    }
  }

  /// What was let through once is done: a run that goes on is held to the policy where it does something new.
  @Test func aRunGoesOnUnderANarrowerPolicy() async throws {
    try await withPolicy("operations: [read, publish]") { command in
      try command.write(
        "apig.publish { api = 'pay-create', env = 'RELEASE' } apig.publish { api = 'pay-quote', env = 'TEST' }",
        to: "two.lua")
      var dying = command
      dying.variables["APIG_LUA_CRASH_AFTER_ENTRY"] = "4"
      #expect(try await dying("two.lua").status == -1)
      try PackageFiles.write([".config/apig-lua/policy.yaml": "environments: [TEST]\n"], to: command.folder)
      let resumed = try await command("resume", "last")
      #expect(resumed.status == 0, "\(resumed.messages)")
    }
  }

  @Test(
    arguments: [
      "operations: [read, publish]", "environments: [\"REL*\"]", "groups: [\"pay*\"]", "max_apis: 50",
      "hours: [{ days: \"mon-sun\", from: \"00:00\", to: \"24:00\" }]", "{}",
    ])
  func whatItAllowsIsDone(_ policy: String) async throws {
    try await withPolicy(policy) { command in
      let run = try await command("-e", Self.release)
      #expect(run.status == 0, "\(run.messages)")
    }
  }

  @Test func outsideOfItsHoursNothingIsChangedAndPlansAreMade() async throws {
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = .gmt
    // The day after tomorrow, whenever this runs.
    let day = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"][(calendar.component(.weekday, from: Date()) + 1) % 7]
    try await withPolicy("hours: [{ days: \(day), from: \"08:00\", to: \"18:00\" }]") { command in
      let run = try await command("-e", Self.release)
      #expect(run.status == 6, "\(run.messages)")
      #expect(run.messages.contains("it allows them \(day) 08:00-18:00 UTC"), "\(run.messages)")
      let read = try await command("-e", "return #apig.apis { group = 'payments' } > 0")
      #expect(read.status == 0 && read.output == "true\n", "\(read.messages)")
      let plan = try await command("plan", "-e", Self.release)
      #expect(plan.status == 0, "\(plan.messages)")
    }
  }

  @Test func apisAreCountedOverTheWholeRun() async throws {
    try await withPolicy("max_apis: 1") { command in
      let script = """
        apig.publish { api = 'pay-create', env = 'RELEASE' }
        apig.publish { api = 'pay-create', env = 'RELEASE' }
        apig.publish { api = 'pay-refund', env = 'RELEASE' }
        """
      let run = try await command("-e", script)
      #expect(run.status == 3, "\(run.messages)")
      #expect(run.messages.contains("forbids more than 1 API in one run"), "\(run.messages)")
    }
  }

  @Test func anUndoIsNoneOfItsBusiness() async throws {
    try await withPolicy("operations: [read, publish]\nmax_apis: 1") { command in
      // The undo of a first publication takes offline.
      let run = try await command(
        "-e",
        "apig.with_rollback(function() apig.publish { api = 'pay-webhook', env = 'RELEASE' } error('not well') end)")
      #expect(run.status == 4, "\(run.messages)")
    }
  }

  @Test func unsignedPackagesCanBeRefused() async throws {
    try await RotateProject.with(["init.lua": "return {}"]) { project in
      try await project.add()
      try PackageFiles.write(
        [".config/apig-lua/policy.yaml": "require_signed: true\n"], to: project.command.folder)
      let run = try await project.command("--trust-unsigned", "-e", "require 'acme.rotate'")
      #expect(run.status == 6, "\(run.messages)")
      #expect(run.messages.contains("require_signed"), "\(run.messages)")
    }
  }

  @Test(arguments: ["operations: [reed]", "hours: never", "unknown: 1", "- x"])
  func onePolicyThatCannotBeReadStopsEverything(_ policy: String) async throws {
    try await withPolicy(policy) { command in
      let run = try await command("-e", "return 1")
      #expect(run.status == 78, "\(run.status) \(run.messages)")
      #expect(run.messages.contains("policy.yaml"), "\(run.messages)")
    }
  }
}
