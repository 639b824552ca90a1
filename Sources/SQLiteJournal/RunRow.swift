internal import GRDB
internal import GatewayAPI
internal import RunJournal

/// A run as the table `run` has it.
enum RunRow {
  private static let columns = """
    id, state, started_at, ended_at, exit_code, user, host, process, process_start, command, gateway, environment,
    start, summary
    """

  static func insert(_ run: RunRecord, _ db: Database) throws {
    try JournalEntry.requireReadable(run.start, of: run.command)
    do {
      try db.execute(
        sql: "INSERT INTO run (\(columns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        arguments: [
          run.id, run.state.rawValue, run.startedAt.nanosecondsSince1970, run.endedAt?.nanosecondsSince1970,
          run.exitCode, run.user, run.host, run.process.number, run.process.startMark, run.command, run.gateway,
          run.environment, run.start.jsonText, run.summary.jsonText,
        ])
    } catch DatabaseError.SQLITE_CONSTRAINT {
      throw JournalError(code: .unavailable, message: "the journal has a run \(run.id) already")
    }
    try db.execute(sql: "INSERT INTO run_size (run, bytes) VALUES (?, 0)", arguments: [db.lastInsertedRowID])
  }

  static func update(_ run: RunRecord, _ db: Database) throws {
    try db.execute(
      sql: """
        UPDATE run SET state = ?, ended_at = ?, exit_code = ?, host = ?, process = ?, process_start = ?, summary = ?
        WHERE id = ?
        """,
      arguments: [
        run.state.rawValue, run.endedAt?.nanosecondsSince1970, run.exitCode, run.host, run.process.number,
        run.process.startMark, run.summary.jsonText, run.id,
      ])
    guard db.changesCount == 1 else { throw missing(run.id) }
  }

  /// - Parameter condition: the rest of the query, behind `WHERE`.
  static func fetch(
    _ db: Database, where condition: String, _ arguments: StatementArguments = [], limit: Int = -1
  ) throws -> [RunRecord] {
    try Row.fetchAll(
      db, sql: "SELECT \(columns) FROM run WHERE \(condition) ORDER BY started_at DESC, number DESC LIMIT ?",
      arguments: arguments + [limit]
    ).map(record)
  }

  /// The key under which the run's entries are kept.
  static func number(of run: String, _ db: Database) throws -> Int64 {
    let statement = try db.cachedStatement(sql: "SELECT number FROM run WHERE id = ?")
    guard let number = try Int64.fetchOne(statement, arguments: [run]) else { throw missing(run) }
    return number
  }

  /// How a run stands; nil when there is none.
  static func state(of run: String, _ db: Database) throws -> RunRecord.State? {
    try String.fetchOne(db, sql: "SELECT state FROM run WHERE id = ?", arguments: [run])
      .flatMap(RunRecord.State.init)
  }

  private static func missing(_ run: String) -> JournalError {
    JournalError(code: .unavailable, message: "the journal has no run \(run)", hint: "see apig-lua journal list")
  }

  private static func record(_ row: Row) throws -> RunRecord {
    let id: String = row["id"]
    guard let state = RunRecord.State(rawValue: row["state"]),
      let start = try? Document(json: row["start"] as String),
      let summary = try? Document(json: row["summary"] as String)
    else {
      throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "run \(id) cannot be read")
    }
    return RunRecord(
      id: id, state: state, startedAt: Timestamp(nanosecondsSince1970: row["started_at"]),
      endedAt: (row["ended_at"] as Int64?).map(Timestamp.init(nanosecondsSince1970:)), exitCode: row["exit_code"],
      user: row["user"], host: row["host"],
      process: ProcessIdentity(number: row["process"], startMark: row["process_start"]), command: row["command"],
      gateway: row["gateway"], environment: row["environment"], start: start, summary: summary)
  }
}
