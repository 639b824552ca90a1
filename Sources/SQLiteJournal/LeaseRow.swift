internal import GRDB
internal import GatewayAPI
internal import RunJournal

/// A lease as the table `lease` has it.
struct LeaseRow {
  /// Of a lease that nobody holds the last holder's, except that its run is empty.
  var lease: Lease
  var isReleased: Bool

  private static let columns = """
    gateway_id, environment_id, name, fence, run, holder, host, process, process_start, command, since, expires,
    is_released, has_changes
    """

  static func fetch(_ scope: LeaseScope, _ db: Database) throws -> LeaseRow? {
    try Row.fetchOne(
      db, sql: "SELECT \(columns) FROM lease WHERE gateway_id = ? AND environment_id = ?",
      arguments: [scope.gatewayID, scope.environmentID]
    ).map(LeaseRow.init)
  }

  static func fetchAll(_ db: Database) throws -> [LeaseRow] {
    try Row.fetchAll(db, sql: "SELECT \(columns) FROM lease ORDER BY name").map(LeaseRow.init)
  }

  private init(_ row: Row) {
    let scope = LeaseScope(gatewayID: row["gateway_id"], environmentID: row["environment_id"], name: row["name"])
    lease = Lease(
      fence: Fence(scope: scope, number: row["fence"], run: row["run"] ?? ""), holder: row["holder"],
      host: row["host"], process: ProcessIdentity(number: row["process"], startMark: row["process_start"]),
      command: row["command"], since: Timestamp(nanosecondsSince1970: row["since"]),
      expires: Timestamp(nanosecondsSince1970: row["expires"]), hasChanges: row["has_changes"])
    isReleased = row["is_released"]
  }

  init(lease: Lease, isReleased: Bool = false) {
    self.lease = lease
    self.isReleased = isReleased
  }

  /// Takes, renews, takes over or ends: one row for each environment, never deleted, so that fences only grow.
  func save(_ db: Database) throws {
    let fence = lease.fence
    try db.execute(
      sql: """
        INSERT INTO lease (\(Self.columns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT DO UPDATE SET name = excluded.name, fence = excluded.fence, run = excluded.run,
          holder = excluded.holder, host = excluded.host, process = excluded.process,
          process_start = excluded.process_start, command = excluded.command, since = excluded.since,
          expires = excluded.expires, is_released = excluded.is_released, has_changes = excluded.has_changes
        """,
      arguments: [
        fence.scope.gatewayID, fence.scope.environmentID, fence.scope.name, fence.number,
        fence.run.isEmpty ? nil : fence.run, lease.holder, lease.host, lease.process.number, lease.process.startMark,
        lease.command, lease.since.nanosecondsSince1970, lease.expires.nanosecondsSince1970, isReleased,
        lease.hasChanges,
      ])
  }

  /// Whether a run holds it, or did and did not give it back.
  func isHeld(_ db: Database) throws -> Bool {
    guard !lease.fence.run.isEmpty else { return false }
    return try !isReleased || isKeptForItsRun(db)
  }

  func isKeptForItsRun(_ db: Database) throws -> Bool {
    try lease.isKept(forRun: RunRow.state(of: lease.fence.run, db))
  }

  /// - Throws: `JournalError` with code `leaseLost` when the lease is another's by now.
  static func check(_ fence: Fence, marksChanges: Bool, _ db: Database) throws {
    let reading = try db.cachedStatement(
      sql: "SELECT fence, run, has_changes FROM lease WHERE gateway_id = ? AND environment_id = ?")
    let scope = fence.scope
    let row = try Row.fetchOne(reading, arguments: [scope.gatewayID, scope.environmentID])
    guard let row, row[0] == fence.number, row[1] == fence.run else { throw lost(fence, to: row?[1]) }
    guard marksChanges, row[2] == false else { return }
    try db.execute(
      sql: "UPDATE lease SET has_changes = 1 WHERE gateway_id = ? AND environment_id = ?",
      arguments: [scope.gatewayID, scope.environmentID])
  }

  static func lost(_ fence: Fence, to run: String?) -> JournalError {
    let holder = run.map { $0 == fence.run ? "another process that resumed it" : "run \($0)" } ?? "a forced release"
    return JournalError(
      code: .leaseLost, message: "run \(fence.run) has lost its lock on \(fence.scope) to \(holder)",
      hint: "see apig-lua lock list; apig-lua status \(fence.run) tells how to go on when the lock is free")
  }
}
