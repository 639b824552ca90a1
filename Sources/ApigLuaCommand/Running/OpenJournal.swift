internal import RunJournal
internal import SQLiteJournal

/// The journal, opened when something is to be kept in it for the first time: most of what is typed needs none.
actor OpenJournal {
  private let variables: EnvironmentVariables
  private var store: SQLiteJournal?

  init(_ variables: EnvironmentVariables) { self.variables = variables }

  /// - Throws: `JournalError`, ``ConfigurationError``.
  func opened() throws -> any JournalStore {
    if let store { return store }
    let opened = try JournalFile.open(variables)
    store = opened
    return opened
  }
}
