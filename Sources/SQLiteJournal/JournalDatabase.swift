internal import GRDB
internal import RunJournal

/// The one connection to a journal's file. What is begun on it comes to its end, whether its task is cancelled or not.
struct JournalDatabase: Sendable {
  let path: String
  private let queue: DatabaseQueue

  /// Makes the file when there is none.
  ///
  /// - Throws: `JournalError`.
  init(path: String) throws(JournalError) {
    self.path = path
    do {
      queue = try JournalFolder.withLock(on: path) {
        let queue = try DatabaseQueue(path: path, configuration: Self.configuration)
        try Self.migrate(queue, path)
        return queue
      }
    } catch {
      throw JournalError(error, path: path)
    }
  }

  private static var configuration: Configuration {
    var configuration = Configuration()
    // Processes share the file: the later writer waits.
    configuration.busyMode = .timeout(30)
    configuration.prepareDatabase { db in
      // Room of removed runs can only be given back if that is said before anything else. Saying it again is a write.
      if try Int.fetchOne(db, sql: "PRAGMA page_count") == 0 { try db.execute(sql: "PRAGMA auto_vacuum = INCREMENTAL") }
      let mode = try String.fetchOne(db, sql: "PRAGMA journal_mode = WAL")
      guard mode == "wal" else { throw DatabaseError(message: "its disk allows no write-ahead log") }
      // Each commit outlives the loss of power.
      try db.execute(sql: "PRAGMA synchronous = FULL")
    }
    return configuration
  }

  private static func migrate(_ queue: DatabaseQueue, _ path: String) throws {
    let migrations = Migrations.all
    let isComplete = try queue.inDatabase { db in
      guard try !migrations.hasBeenSuperseded(db) else {
        throw JournalError(
          code: .unavailable, message: "the journal \(path) was written by a newer apig-lua",
          hint: "use that version, or set XDG_STATE_HOME to a folder for this one")
      }
      return try migrations.hasCompletedMigrations(db)
    }
    if !isComplete { try migrations.migrate(queue) }
  }

  /// Runs the body in a transaction that is durable when this returns.
  func write<Value: Sendable>(
    _ body: @escaping @Sendable (Database) throws -> Value
  ) async throws(JournalError) -> Value {
    try await perform(.immediate, body)
  }

  /// Runs the body on one moment's state.
  func read<Value: Sendable>(
    _ body: @escaping @Sendable (Database) throws -> Value
  ) async throws(JournalError) -> Value {
    try await perform(.deferred, body)
  }

  /// Queues the body behind what was queued before.
  func schedule(_ body: @escaping @Sendable (Database) -> Void) { queue.asyncWriteWithoutTransaction(body) }

  private func perform<Value: Sendable>(
    _ kind: Database.TransactionKind, _ body: @escaping @Sendable (Database) throws -> Value
  ) async throws(JournalError) -> Value {
    let path = path
    let result: Result<Value, JournalError> = await withCheckedContinuation { continuation in
      schedule { db in
        var result: Result<Value, JournalError>?
        do {
          try db.inTransaction(kind) {
            result = .success(try body(db))
            return .commit
          }
        } catch {
          result = .failure(JournalError(error, path: path))
        }
        continuation.resume(returning: result ?? .failure(JournalError(DatabaseError(), path: path)))
      }
    }
    return try result.get()
  }

  /// - Throws: `JournalError` when something is still reading.
  func close() throws(JournalError) {
    do {
      try queue.close()
    } catch {
      throw JournalError(error, path: path)
    }
  }
}
