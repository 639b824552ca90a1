public import GatewayAPI
internal import GRDB
public import RunJournal

/// The journal of one machine's runs: a SQLite file that several processes may have open at once.
///
/// Every change is durable when its call returns: it survives the loss of power. Concurrent appends share commits.
/// A change that was begun comes to its end even when its task is cancelled.
public final class SQLiteJournal: JournalStore {
  private let database: JournalDatabase
  private let commits: GroupCommit
  private let retention: Retention

  /// Opens the file, and makes it (for the user alone, with its folder) when there is none.
  ///
  /// - Throws: `JournalError` when it cannot be opened or made, is damaged, or was written by a newer version.
  public init(path: String, limits: JournalLimits = JournalLimits()) throws(JournalError) {
    database = try JournalDatabase(path: path)
    commits = GroupCommit(database, limit: limits.runSize)
    retention = Retention(limits)
  }

  /// How many commits this journal's appends took.
  package var commitCount: Int { commits.commitCount }
  /// Whether a commit is under way.
  package var isCommitting: Bool { commits.isCommitting }
  /// How many appends wait for the next commit.
  package var waitingCount: Int { commits.waitingCount }

  /// Closes the file.
  ///
  /// - Throws: `JournalError`.
  public func close() throws(JournalError) { try database.close() }

  /// What SQLite calls the mode in which commits reach the disk: 2 is FULL.
  package func synchronousMode() async throws(JournalError) -> Int? {
    try await database.read { db in try Int.fetchOne(db, sql: "PRAGMA synchronous") }
  }

  // MARK: - Runs

  /// Enters a new run, and removes old ones by the limits.
  public func begin(_ run: RunRecord) async throws(JournalError) {
    let retention = retention
    try await database.write { db in
      try retention.apply(db, now: run.startedAt)
      try RunRow.insert(run, db)
    }
  }

  public func update(_ run: RunRecord) async throws(JournalError) {
    try await database.write { db in try RunRow.update(run, db) }
  }

  public func run(_ id: String) async throws(JournalError) -> RunRecord? {
    try await database.read { db in try RunRow.fetch(db, where: "id = ?", [id]).first }
  }

  public func runs(limit: Int) async throws(JournalError) -> [RunRecord] {
    try await database.read { db in try RunRow.fetch(db, where: "true", limit: limit) }
  }

  public func unfinishedRuns() async throws(JournalError) -> [RunRecord] {
    try await database.read { db in try RunRow.fetch(db, where: "state IN ('running', 'stopped')") }
  }

  public func runs(beginning prefix: String, limit: Int) async throws(JournalError) -> [RunRecord] {
    try await database.read { db in
      try RunRow.fetch(db, where: "substr(id, 1, length(?1)) = ?1", [prefix], limit: limit)
    }
  }

  // MARK: - Entries

  public func append(
    _ entries: [JournalEntry], to run: String, under fences: [Fence]
  ) async throws(JournalError) {
    var rows: [EntryRow] = []
    for entry in entries { rows.append(try EntryRow(entry)) }
    try await commits.append(rows, to: run, under: fences)
  }

  public func entries(of run: String, from first: Int64) async throws(JournalError) -> [JournalEntry] {
    let entries = try await database.read { db in
      try EntryRow.fetch(of: RunRow.number(of: run, db), from: first, db)
    }
    do {
      return try entries.map { try $0.read() }
    } catch {
      throw JournalError(error, path: database.path)
    }
  }

  // MARK: - Leases

  public func acquire(_ claim: LeaseClaim, now: Timestamp) async throws(JournalError) -> LeaseAnswer {
    try await database.write { db in try LeaseRow.acquire(claim, now: now, db) }
  }

  public func renew(_ fence: Fence, until end: Timestamp, now: Timestamp) async throws(JournalError) {
    try await database.write { db in try LeaseRow.renew(fence, until: end, db) }
  }

  public func release(_ fence: Fence, settled: Bool, now: Timestamp) async throws(JournalError) {
    try await database.write { db in try LeaseRow.release(fence, settled: settled, now: now, db) }
  }

  /// The reason is kept as a `mark` in the journal of the run that held the lease. A lease that lapsed, or was given
  /// back by a run that is unfinished, can be ended so too: the environment is no longer the run's.
  public func forceRelease(
    _ scope: LeaseScope, by user: String, reason: String, now: Timestamp
  ) async throws(JournalError) -> Lease? {
    try await database.write { db in try LeaseRow.forceRelease(scope, by: user, reason: reason, now: now, db) }
  }

  public func leases() async throws(JournalError) -> [Lease] {
    try await database.read { db in try LeaseRow.fetchAll(db).filter { try $0.isHeld(db) }.map(\.lease) }
  }

  // MARK: - Plans

  public func userOfPlan(_ plan: String) async throws(JournalError) -> String? {
    try await database.read { db in
      try String.fetchOne(db, sql: "SELECT run FROM used_plan WHERE plan = ?", arguments: [plan])
    }
  }

  public func usePlan(_ plan: String, in run: String, now: Timestamp) async throws(JournalError) -> String? {
    try await database.write { db in
      if let earlier = try String.fetchOne(db, sql: "SELECT run FROM used_plan WHERE plan = ?", arguments: [plan]) {
        return earlier
      }
      try db.execute(
        sql: "INSERT INTO used_plan (plan, run, time) VALUES (?, ?, ?)",
        arguments: [plan, run, now.nanosecondsSince1970])
      return nil
    }
  }
}
