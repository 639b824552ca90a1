internal import GRDB
internal import GatewayAPI
internal import RunJournal

/// Removes what the journal need not keep any longer.
struct Retention: Sendable {
  let limits: JournalLimits
  /// Room given back to the disk at a time, in pages: nobody waits long, and later entries use what is left.
  private static let pagesAtOnce = 4096
  private static let isOver = "state IN ('finished', 'rolled_back')"

  init(_ limits: JournalLimits) { self.limits = limits }

  func apply(_ db: Database, now: Timestamp) throws {
    let oldest = Timestamp(
      seconds: now.seconds - limits.age.components.seconds, nanoseconds: now.nanoseconds)
    try remove(
      try Int64.fetchAll(
        db, sql: "SELECT number FROM run WHERE \(Self.isOver) AND coalesce(ended_at, started_at) < ?",
        arguments: [oldest.nanosecondsSince1970]), db)
    while try usedBytes(db) > limits.fileSize {
      let next = try Int64.fetchOne(
        db, sql: "SELECT number FROM run WHERE \(Self.isOver) ORDER BY coalesce(ended_at, started_at) LIMIT 1")
      guard let next else { break }
      try remove([next], db)
    }
    if try number("freelist_count", db) > 0 {
      try db.execute(sql: "PRAGMA incremental_vacuum(\(Self.pagesAtOnce))")
    }
  }

  private func remove(_ runs: [Int64], _ db: Database) throws {
    for run in runs { try db.execute(sql: "DELETE FROM run WHERE number = ?", arguments: [run]) }
  }

  private func usedBytes(_ db: Database) throws -> Int {
    try (number("page_count", db) - number("freelist_count", db)) * number("page_size", db)
  }

  private func number(_ pragma: String, _ db: Database) throws -> Int {
    try Int.fetchOne(db, sql: "PRAGMA \(pragma)") ?? 0
  }
}
