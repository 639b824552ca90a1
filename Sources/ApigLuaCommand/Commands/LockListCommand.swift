internal import ArgumentParser
internal import GatewayAPI
internal import RunJournal

/// `apig-lua lock list`: which environments runs hold.
struct LockListCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "Lists the environments that runs hold, and since when.")

  @OptionGroup var flags: EngineFlags

  func run() async throws {
    try await reporting(flags.options) { settings, _ in
      var locks: [HeldLock] = []
      if let store = try JournalFile.openExisting(settings.variables) {
        locks = try await HeldLock.all(in: store, now: .now())
      }
      let result = CommandResult(
        event: "lock", document: .array(locks.map(\.document)),
        table: DataTable(columns: HeldLock.columns, rows: locks.map { $0.cells { $0.text } }))
      try await result.write(settings) {
        let moment = MomentText(.output)
        let rows = locks.map { $0.cells { moment($0) } }
        return rows.isEmpty ? "" : TextTable(columns: HeldLock.columns, rows: rows, indent: "").text
      }
      if settings.output == .table, locks.isEmpty { StandardStream.error.write("nobody holds an environment\n") }
      return .ok
    }
  }
}
