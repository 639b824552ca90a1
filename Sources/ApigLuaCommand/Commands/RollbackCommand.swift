internal import ArgumentParser
internal import GatewayAPI
internal import GatewayClient
internal import GatewayScripting
internal import ReleaseEngine
internal import RunJournal
internal import SQLiteJournal

/// `apig-lua rollback RUN`: puts back what a run changed, finished or not.
struct RollbackCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rollback", abstract: "Undoes a run, finished or not: each API gets the version that it ran before.")

  @OptionGroup var flags: EngineFlags

  @Flag(help: "Only what an undo before could not put back.")
  var onlyFailed = false

  @Argument(help: "The run: its name, the beginning of it, or last.", completion: LiveCompletion.runs)
  var run: String

  func run() async throws {
    try await reporting(flags.options, isRun: true) { settings, style in
      var settings = settings
      let process = ProcessFacts.current
      let store = try JournalFile.open(process.variables)
      var record = try await RunLookup(store: store).run(run)
      try await record.refuseWhileAlive(store)
      settings.adopt(record, try record.recordedStart, options: flags.options)
      let entries = try await store.entries(of: record.id, from: 1)
      let earlier = record
      try await RollbackReview(settings: settings, record: record, entries: entries).ask()
      record.process = .current
      record.host = process.host
      let rollback = RunRollback(
        settings: settings, style: style, record: record, earlier: earlier, entries: entries, onlyFailed: onlyFailed,
        instruments: try RunInstruments(settings, resuming: record.id),
        crashAfter: process.variables.crashAfterEntry)
      return try await rollback.run()
    }
  }
}
