internal import ArgumentParser
internal import GatewayAPI
internal import RunJournal

/// `apig-lua lock list`: which environments runs hold.
struct LockListCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "Lists the environments that runs hold, and since when.")

  @OptionGroup var options: EngineOptions

  func run() async throws {
    try await reporting(options) { settings, _ in
      var locks: [HeldLock] = []
      if let store = try JournalFile.openExisting(settings.variables) {
        locks = try await HeldLock.all(in: store, now: .now())
      }
      write(settings, .array(locks.map(\.document))) { locks.isEmpty ? "" : table(locks) }
      if settings.output == .table, locks.isEmpty { StandardStream.error.write("nobody holds an environment\n") }
      return .ok
    }
  }

  private func table(_ locks: [HeldLock]) -> String {
    let moment = MomentText(.output)
    let rows = locks.map { lock in
      let lease = lock.lease
      let state =
        switch lock.reason {
        case .held: "held until \(moment(lease.expires))"
        case .kept: "kept for its unfinished run"
        case .lapsed: "lapsed"
        }
      return [
        lease.fence.scope.name, state, lease.fence.run, lease.holder, lease.command, moment(lease.since),
      ]
    }
    return TextTable(columns: ["environment", "state", "run", "by", "command", "since"], rows: rows, indent: "").text
  }
}
