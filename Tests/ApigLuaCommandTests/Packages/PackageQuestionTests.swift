import Foundation
import GatewayTestSupport
import Subprocess
import Testing

/// What a person at a terminal is asked, and what becomes of the answers.
@Suite(.timeLimit(.minutes(10))) struct PackageQuestionTests {
  @Test(arguments: [("y", true), ("n", false), ("", false)])
  func permissionsAreGrantedByAPerson(_ answer: String, _ isGranted: Bool) async throws {
    try await withPackageProject { project in
      try await project.server.publish(version: "1.0.0", lines: ["permissions: [\"publish:STAGING\"]"])
      let run = try await project.command.onTerminal(
        ["pkg", "add", project.server.source], typing: [.init("Grant acme/rotate what is new?", answer)])
      #expect(run.status == .exited(isGranted ? 0 : 6), "\(run.screen)")
      #expect(run.screen.contains("wants publish:STAGING"))
      #expect(project.has("apig.lock") == isGranted && project.has(".apig/pkg/acme/rotate") == isGranted)
    }
  }

  @Test func theDifferenceIsShownBeforeTheAnswer() async throws {
    try await withPackageProject { project in
      try await project.server.publish(version: "1.0.0")
      #expect(try await project.command("pkg", "add", project.server.source).status == 0)
      let lines = (0..<200).map { "-- line \($0)" }.joined(separator: "\n")
      try await project.server.publish(version: "1.1.0", code: lines + "\n-- \u{202E}hidden\u{1B}[2J")
      let run = try await project.command.onTerminal(
        ["pkg", "update"], typing: [.init("Take it?", "d"), .init("Take it?", "y")])
      #expect(run.status == .exited(0), "\(run.screen)")
      #expect(run.screen.contains("changed init.lua +201 -1") && run.screen.contains("+-- line 199\n"))
      #expect(run.screen.contains("‹U+202E›hidden‹U+1B›[2J"))
    }
  }

  @Test func codeAndPermissionsAreOneQuestionAtATerminal() async throws {
    try await withPackageProject { project in
      try await project.server.publish(version: "1.0.0")
      #expect(try await project.command("pkg", "add", project.server.source).status == 0)
      try await project.server.publish(version: "1.1.0", lines: ["permissions: [read]"], code: "return 2")
      let run = try await project.command.onTerminal(
        ["pkg", "update"], typing: [.init("Take it, and grant acme/rotate what is new?", "y")])
      #expect(run.status == .exited(0), "\(run.screen)")
      #expect(try project.text("apig.lock").contains("- \"read\""))
    }
  }

  @Test func aDenialWithinAWishWithholdsTheWish() async throws {
    try await withPackageProject { project in
      try await project.server.publish(version: "1.0.0", lines: ["permissions: [read, \"publish:*\"]"])
      let added = try await project.command(
        "pkg", "add", "--accept-permissions", "--deny", "publish:RELEASE", project.server.source)
      #expect(added.status == 0 && added.messages.contains("does not get publish:*"), "\(added.messages)")
      let listed = try await project.command("pkg", "list", "--output", "csv")
      #expect(!listed.output.contains("publish:"), "\(listed.output)")
    }
  }

  @Test func aChangedSignerIsAskedAboutFirst() async throws {
    try await withPackageProject { project in
      let key = try await SigningKey("ops", in: project.folder)
      try project.write(key.allowed("ops@example.com"), to: ".apig/allowed_signers")
      try PackageFiles.writePackage(to: project.server.folder)
      #expect(try await project.command("pkg", "sign", project.server.folder.path, "--key", key.file).status == 0)
      try await project.server.commit()
      #expect(try await project.command("pkg", "add", project.server.source + "@main").status == 0)
      try FileManager.default.removeItem(at: project.server.folder.appending(path: "package.sig"))
      try PackageFiles.writePackage(version: "1.0.1", to: project.server.folder)
      try await project.server.commit()
      let refused = try await project.command.onTerminal(
        ["pkg", "update"], typing: [.init("Take it all the same?", "n")])
      #expect(
        refused.status == .exited(6) && refused.screen.contains("was signed by ops@example.com"), "\(refused.screen)")
      let taken = try await project.command.onTerminal(
        ["pkg", "update"], typing: [.init("Take it all the same?", "y"), .init("Take it?", "y")])
      #expect(taken.status == .exited(0), "\(taken.screen)")
      #expect(try project.text("apig.lock").contains("1.0.1"))
    }
  }

  @Test func withoutATerminalTheFlagsAreNamed() async throws {
    try await withPackageProject { project in
      let command = project.command
      try await project.server.publish(version: "1.0.0", lines: ["permissions: [read, \"secret:key\"]"])
      let refused = try await command("pkg", "add", project.server.source)
      #expect(refused.status == 6 && refused.messages.contains("--accept-permissions grants it"), "\(refused.messages)")
      #expect(!project.has("apig.lock"))
      // Some of it may be withheld, and stays so.
      let some = try await command(
        "pkg", "add", "--deny", "secret:key", "--accept-permissions", project.server.source)
      #expect(some.status == 0, "\(some.messages)")
      let listed = try await command("pkg", "list", "--output", "csv")
      #expect(listed.output.contains("read") && !listed.output.contains("secret:key"), "\(listed.output)")
      try await project.server.publish(version: "1.1.0", lines: ["permissions: [read, \"secret:key\"]"])
      let added = try await command("pkg", "add", "--accept-permissions", "--deny", "secret:key", project.server.source)
      #expect(
        added.status == 6 && added.messages.contains("the code of acme/rotate is new"),
        "code that is in use is asked about"
      )
      let code = try await command("pkg", "update", "--accept-permissions")
      #expect(code.status == 6 && code.messages.contains("--yes takes it"), "\(code.messages)")
      #expect(try await command("pkg", "update", "--yes").status == 0)
      let later = try await command("pkg", "list", "--output", "csv")
      #expect(later.output.contains("1.1.0") && !later.output.contains("secret:key"), "\(later.output)")
    }
  }
}
