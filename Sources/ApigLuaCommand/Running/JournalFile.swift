internal import Glibc
internal import RunJournal
internal import SQLiteJournal

/// The journal of this user's runs on this machine.
enum JournalFile {
  /// - Throws: ``ConfigurationError`` when there is no folder for it.
  static func path(_ variables: EnvironmentVariables) throws -> String {
    try variables.folder("XDG_STATE_HOME", default: ".local/state") + "/journal.db"
  }

  /// Opens it, and makes it when there is none.
  ///
  /// - Throws: `JournalError`, ``ConfigurationError``.
  static func open(
    _ variables: EnvironmentVariables, limits: JournalLimits = JournalLimits()
  ) throws -> SQLiteJournal {
    try SQLiteJournal(path: path(variables), limits: limits)
  }

  /// Opens it to look into it; nil when nothing was ever kept.
  ///
  /// - Throws: as ``open(_:limits:)``.
  static func openExisting(_ variables: EnvironmentVariables) throws -> (any JournalStore)? {
    guard access(try path(variables), F_OK) == 0 else { return nil }
    return try open(variables)
  }
}

extension JournalFile {
  /// The journal, and the run in it that is meant.
  ///
  /// - Parameter name: the run's name, the beginning of it, or "last".
  /// - Throws: ``UsageError`` when there is none; as ``open(_:limits:)``.
  static func run(_ name: String, _ variables: EnvironmentVariables) async throws -> (any JournalStore, RunRecord) {
    guard let store = try openExisting(variables) else {
      throw RunLookup.unknown(name, hint: "nothing was kept yet: runs that change nothing leave no journal")
    }
    return (store, try await RunLookup(store: store).run(name))
  }

  /// All that there is on the run that is meant.
  ///
  /// - Throws: as ``run(_:_:)``.
  static func dossier(of name: String, _ variables: EnvironmentVariables) async throws -> RunDossier {
    let (store, record) = try await run(name, variables)
    return try await RunDossier(record, in: store)
  }

  /// Says on standard error that there are no runs.
  static func sayEmpty() { StandardStream.error.write("the journal has no runs yet\n") }
}
