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
  static func openExisting(_ variables: EnvironmentVariables) throws -> SQLiteJournal? {
    guard access(try path(variables), F_OK) == 0 else { return nil }
    return try open(variables)
  }
}
