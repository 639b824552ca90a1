internal import ArgumentParser
internal import GatewayAPI
internal import GatewayScripting
internal import LuaRuntime
internal import ReleaseEngine
internal import RunJournal
internal import SQLiteJournal

/// `apig-lua resume RUN`: goes on where a run was cut off.
struct ResumeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "resume", abstract: "Goes on with a run that was cut off or stopped; does nothing twice.")

  @OptionGroup var flags: EngineFlags

  @Flag(help: "Goes on although the script or a module is not what it was, unless it now does something else.")
  var acceptChange = false

  @Option(
    name: [.customShort("p"), .customLong("param")],
    help: ArgumentHelp("A secret parameter, which the journal does not keep.", valueName: "name=value"))
  var parameters: [String] = []

  @Argument(
    help: "The run: its name, the beginning of it, or last: the last unfinished one.", completion: LiveCompletion.runs)
  var run: String

  func run() async throws {
    try await reporting(flags.options, isRun: true) { settings, style in
      var settings = settings
      let process = ProcessFacts.current
      let store = try JournalFile.open(process.variables)
      let record = try await RunLookup(store: store).unfinishedRun(run)
      try await record.refuseUnlessResumable(store)
      let recorded = try record.recordedStart
      guard !recorded.isSession else {
        throw UsageError(
          message: "\(record.id) was a session: there is no script to go on with",
          hint: "apig-lua rollback \(record.id) undoes what it changed")
      }
      settings.adopt(record, recorded, options: flags.options)
      var earlier = EarlierRun(record: record, entries: try await store.entries(of: record.id, from: 1))
      guard !earlier.entries.showUndo else {
        throw UsageError(
          message: "\(record.id) is being undone: it can only be undone to the end",
          hint: "apig-lua rollback \(record.id) goes on with that")
      }
      settings.trustsUnsigned = settings.trustsUnsigned || recorded.flags["trust-unsigned"] != nil
      let packages = LockedPackages(settings: settings, folder: process.folder)
      let source = try await ResumedSource(recorded, of: earlier, packages: packages)
      if source.hasChanged {
        guard acceptChange else { throw source.refusal(of: record) }
        earlier.hasChangedScript = true
      }
      var start = recorded
      start.chunk = source.chunk
      try start.open(with: namedParameters(parameters), run: record.id)
      var session = ScriptSession(
        configuration: SessionConfiguration(
          settings: settings, instruments: try RunInstruments(settings, resuming: record.id), style: style,
          process: process, limits: try limits(recorded),
          isIsolated: flags.options.isolate || recorded.flags["isolate"] != nil, packages: packages),
        start: start, modules: source.modules, package: source.package, earlier: earlier)
      if earlier.hasChangedScript { try await session.rehearse() }
      session.earlier = earlier
      return await session.run()
    }
  }

  /// Those of the run, unless others are given; the deadline was the other process's.
  private func limits(_ start: RunStart) throws -> LuaLimits {
    var limits = flags.options.limits
    if flags.options.maxMemory == nil, let size = start.flags["max-memory"].flatMap({ SizeArgument(argument: $0) }) {
      limits.memory = size.bytes
    }
    if flags.options.maxCpu == nil, let time = start.flags["max-cpu"].flatMap({ DurationArgument(argument: $0) }) {
      limits.luaTime = time.duration
    }
    return limits
  }
}

extension RunRecord {
  /// Refuses what needs no resuming, or must not be.
  ///
  /// - Throws: ``UsageError``, ``RunIsAlive``; `JournalError`.
  fileprivate func refuseUnlessResumable(_ store: any JournalStore) async throws {
    switch state {
    case .stopped: return
    case .running: try await refuseWhileAlive(store)
    case .finished:
      throw UsageError(
        message: "\(id) has come to its end: there is nothing to go on with",
        hint: "apig-lua rollback \(id) undoes it; apig-lua journal show \(id) tells what happened")
    case .rolledBack:
      throw UsageError(
        message: "\(id) was undone: there is nothing to go on with", hint: "apig-lua journal show \(id)")
    }
  }
}
