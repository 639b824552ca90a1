internal import ArgumentParser
internal import GatewayAPI
internal import RunJournal

/// `apig-lua lock release SCOPE --reason TEXT`: takes an environment away from the run that holds it.
struct LockReleaseCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "release", abstract: "Takes an environment away from the run that holds it.",
    discussion: """
      What the run changed stays as it is. Should the run still be at work, its next change is refused. The reason is \
      kept in the run's journal.
      """)

  @OptionGroup var flags: EngineFlags

  @Option(help: ArgumentHelp("Why: kept in the journal of the run.", valueName: "text"))
  var reason: String

  @Argument(help: "The environment as lock list shows it: prod/RELEASE; or the run that holds it.")
  var scope: String

  func validate() throws {
    if !reason.contains(where: { !$0.isWhitespace }) { throw ValidationError("--reason must say why") }
  }

  func run() async throws {
    try await reporting(flags.options) { settings, style in
      guard let store = try JournalFile.openExisting(settings.variables) else { throw notHeld([]) }
      let lock = try find(in: try await HeldLock.all(in: store, now: .now()))
      let released = try await store.forceRelease(
        lock.lease.fence.scope, by: ProcessFacts.current.userAtHost, reason: reason, now: .now())
      // Its holder may have given it back meanwhile.
      guard let released else { throw notHeld([]) }
      let held = HeldLock(lease: released, reason: lock.reason)
      let table = DataTable(columns: HeldLock.columns, rows: [held.cells { $0.text }])
      try await CommandResult(event: "lock", document: held.document, table: table).write(settings) { "" }
      if settings.output == .table, !settings.isQuiet { report(released, lock.reason, style) }
      return .ok
    }
  }

  private func find(in locks: [HeldLock]) throws -> HeldLock {
    let found = locks.filter { [$0.lease.fence.scope.name, $0.lease.fence.run].contains(scope) }
    if let only = found.first, found.count == 1 { return only }
    guard found.isEmpty else {
      // Two gateways may be called the same in two projects; one run may hold several environments.
      throw UsageError(
        message: "'\(scope)' names \(found.count) locks",
        hint: found.map {
          "\($0.lease.fence.scope)  of \($0.lease.fence.run), gateway \($0.lease.fence.scope.gatewayID)"
        }
        .joined(separator: "; "))
    }
    throw notHeld(locks.map(\.lease.fence.scope.name))
  }

  private func notHeld(_ names: [String]) -> UsageError {
    UsageError(
      message: "nobody holds '\(scope)'",
      hint: Suggestion.closest(to: scope, in: names).map { "did you mean '\($0)'?" }
        ?? "apig-lua lock list shows what is held")
  }

  private func report(_ lease: Lease, _ reason: HeldLock.Reason, _ style: Style) {
    let run = lease.fence.run
    let command = lease.command.withoutControlCharacters
    var text = "\(style.good) \(lease.fence.scope) is free; \(run) held it: \(command)  by \(lease.holder)\n"
    if reason == .held {
      text += "  process \(lease.process.number) on \(lease.host) may still be at work: its next change is refused\n"
    }
    if lease.hasChanges {
      let goingOn = SessionCommand.isMeant(by: lease.command) ? "" : "apig-lua resume \(run) goes on, "
      text += "  what it changed stays: \(goingOn)apig-lua rollback \(run) undoes it\n"
    }
    StandardStream.error.write(text)
  }
}
