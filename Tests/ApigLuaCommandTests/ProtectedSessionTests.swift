import Foundation
import GatewayTestSupport
import Subprocess
import Testing

/// A session on a gateway with a protected environment: a night's hotfix, from the first look to the saved playbook.
@Suite(.timeLimit(.minutes(5))) struct ProtectedSessionTests {
  private static let prompt = "prod/RELEASE> "
  private static let writing = "prod/RELEASE*> "
  private static let change =
    "apig.switch_version{ api = 'pay-refund', env = 'RELEASE', version = h[2] }.version_id ~= nil"

  private func withProject(
    protect: String = "confirm", _ body: @escaping @Sendable (Command) async throws -> Void
  ) async throws {
    try await withGatewayProject(lines: ["envs: { RELEASE: { protect: \(protect) } }"]) { command, _ in
      var command = command
      command.variables["APIG_ENV"] = "RELEASE"
      try await body(command)
    }
  }

  @Test func aHotfixFromTheFirstLookToThePlaybook()
    async throws
  {
    try await withProject { command in
      let run = try await command.onTerminal(
        [], columns: 100, watching: .screen,
        typing: [
          .init(Self.prompt, "h = apig.history{ api = 'pay-refund', env = 'RELEASE' }"), .init(Self.prompt, "h"),
          .init(Self.prompt, "h[2].remarc"), .init(Self.prompt, "?apig.switch_version"),
          .init(Self.prompt, Self.change), .init(Self.prompt, ".write"), .init(Self.writing, Self.change),
          .init("[y/N] ", "n"), .init(Self.writing, Self.change), .init("[y/N] ", "y"),
          .init(Self.writing, "for _, a in ipairs(apig.select{ group = 'payments' }) do"),
          .init("..", "  print(a.name)"), .init("..", "end"),
          .init(Self.writing, ".save hotfix.lua"), .init(Self.writing, ".undo"), .init("[y/N] ", "y"),
          .init(Self.writing, ".write off"), .init(Self.prompt, keys: "\u{4}"),
        ])
      #expect(run.status == .exited(0), "\(run.screen)")
      let lines = run.lines(columns: 100)
      #expect(
        lines.first?.contains("prod · RELEASE is protected: reading only, .write to change") == true, "\(lines)")
      #expect(lines.contains { $0.contains(/^  2   \d{14}   \d/) }, "\(lines)")
      #expect(run.screen.contains("a version has no field 'remarc'"))
      #expect(run.screen.contains("RELEASE of prod is protected: this session only reads"))
      #expect(run.screen.contains(".write allows changes; each is shown and asked for"))
      #expect(lines.contains("RELEASE is protected; changes will be shown and asked for one by one."), "\(lines)")
      #expect(run.screen.contains(/~ switch_version pay-refund  \d{14} -> \d{14}  in RELEASE of prod/), "\(run.screen)")
      #expect(run.screen.contains("the answer was no"))
      #expect(lines.contains("✔ pay-refund switched (undo: .undo)"), "\(lines)")
      #expect(lines.contains("pay-webhook"), "\(lines)")
      #expect(lines.contains { $0.hasPrefix("wrote hotfix.lua (2 reads, 1 switch)") }, "\(lines)")
      #expect(lines.contains { $0.contains("1 undone") }, "\(lines)")
    }
  }

  @Test func aNameIsTypedForEachChangeWhereThatIsDemanded()
    async throws
  {
    try await withProject(protect: "type-name") { command in
      let run = try await command.onTerminal(
        ["--yes"], columns: 100, watching: .screen,
        typing: [
          .init(Self.prompt, ".write"),
          .init(Self.writing, "h = apig.history{ api = 'pay-refund', env = 'RELEASE' }"),
          .init(Self.writing, Self.change), .init("Type the environment's name to go on: ", "RELESE"),
          .init(Self.writing, Self.change), .init("Type the environment's name to go on: ", "RELEASE"),
          .init(Self.writing, keys: "\u{4}"),
        ])
      #expect(run.status == .exited(0), "\(run.screen)")
      #expect(run.screen.contains("what was typed is not 'RELEASE'"))
      #expect(run.lines(columns: 100).contains("✔ pay-refund switched (undo: .undo)"), "\(run.screen)")
    }
  }

  @Test func anUndoThatIsRefusedIsTheNextOneStill() async throws {
    try await withProject { command in
      let run = try await command.onTerminal(
        [], columns: 100, watching: .screen,
        typing: [
          .init(Self.prompt, "_ = apig.publish{ api = 'pay-create', env = 'TEST' } and nil"),
          .init(Self.prompt, ".write"),
          .init(Self.writing, "h = apig.history{ api = 'pay-refund', env = 'RELEASE' }"),
          .init(Self.writing, Self.change), .init("[y/N] ", "y"),
          .init(Self.writing, ".write off"), .init(Self.prompt, ".undo"), .init(Self.prompt, ".write"),
          .init(Self.writing, ".undo"), .init("[y/N] ", "y"),
          .init(Self.writing, "_ = apig.publish{ group = 'payments', env = 'RELEASE' } and nil"), .init("[y/N] ", "n"),
          .init(Self.writing, keys: "\u{4}"),
        ])
      #expect(run.status == .exited(0), "\(run.screen)")
      let undone = run.lines(columns: 100).filter { $0.hasPrefix("undoes ") }
      #expect(undone.count == 2 && undone.allSatisfy { $0.contains("pay-refund") }, "\(run.screen)")
      #expect(run.screen.contains(/~ publish pay-[a-z]+, .* and \d+ more in RELEASE of prod/), "\(run.screen)")
    }
  }

  @Test func anInputThatIsStoppedWhileItAsksChangesNothing()
    async throws
  {
    try await withProject { command in
      let run = try await command.onTerminal(
        [], columns: 100, watching: .screen,
        typing: [
          .init(Self.prompt, ".write"),
          .init(Self.writing, "h = apig.history{ api = 'pay-refund', env = 'RELEASE' }"),
          .init(Self.writing, Self.change), .init("[y/N] ", sending: .interrupt), .init(Self.writing, ".undo"),
          .init(Self.writing, keys: "\u{4}"),
        ])
      #expect(run.status == .exited(0), "\(run.screen)")
      #expect(run.screen.contains("stopped") && run.screen.contains("nothing to undo"), "\(run.screen)")
    }
  }
}
