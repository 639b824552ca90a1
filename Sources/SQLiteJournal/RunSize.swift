internal import GRDB
internal import RunJournal

/// How many bytes the bodies of a run's entries have together.
enum RunSize {
  /// - Throws: `JournalError` with code `full` when it would be more than the limit.
  static func grow(_ run: Int64, by bytes: Int, limit: Int, _ name: String, _ db: Database) throws {
    let reading = try db.cachedStatement(sql: "SELECT bytes FROM run_size WHERE run = ?")
    let size = try Int.fetchOne(reading, arguments: [run]) ?? 0
    guard size + bytes <= limit else {
      throw JournalError(
        code: .full, message: "the journal of run \(name) has reached its limit of \(limit >> 20) MiB",
        hint: "let the script read less, or divide it into several runs")
    }
    let writing = try db.cachedStatement(sql: "UPDATE run_size SET bytes = ? WHERE run = ?")
    try writing.execute(arguments: [size + bytes, run])
  }
}
