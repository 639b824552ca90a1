internal import GRDB
internal import GatewayAPI
internal import RunJournal

/// Who gets a lease, keeps it and loses it.
///
/// ```
///            acquire                    time is up, holder's process gone, or release
///   free ───────────────▶ held by a run ───────────────▶ lapsed
///    ▲                       ▲      │                     │    │
///    │                       │      └──── renew ◀─────────┘    │ changes stand, run unfinished:
///    │ force release         └── acquire by another run ◀──────┤ only the same run gets it
///    └─────────────────────────────────────────────────────────┘
/// ```
extension LeaseRow {
  static func acquire(_ claim: LeaseClaim, now: Timestamp, _ db: Database) throws -> LeaseAnswer {
    let last = try fetch(claim.scope, db)
    if let last, try last.isClosed(to: claim, now: now, db) { return .held(last.lease) }
    let isSameRun = last?.lease.fence.run == claim.run
    // A process that resumes a run shuts out the one that ran it before.
    let isSameHolder = isSameRun && last?.isHeld(by: claim) == true
    let number = (last?.lease.fence.number ?? 0) + (isSameHolder ? 0 : 1)
    let lease = Lease(
      fence: Fence(scope: claim.scope, number: number, run: claim.run), holder: claim.holder, host: claim.host,
      process: claim.process, command: claim.command, since: isSameHolder ? last?.lease.since ?? now : now,
      expires: claim.expires, hasChanges: isSameRun && last?.lease.hasChanges == true)
    try LeaseRow(lease: lease).save(db)
    return .granted(lease)
  }

  private func isHeld(by claim: LeaseClaim) -> Bool {
    !isReleased && lease.fence.run == claim.run && lease.host == claim.host && lease.process == claim.process
  }

  private func isClosed(to claim: LeaseClaim, now: Timestamp, _ db: Database) throws -> Bool {
    guard !lease.fence.run.isEmpty, !isHeld(by: claim) else { return false }
    if !isReleased, lease.isLive(at: now, seenFrom: claim.host) { return true }
    return try lease.fence.run != claim.run && isKeptForItsRun(db)
  }

  static func renew(_ fence: Fence, until end: Timestamp, _ db: Database) throws {
    try check(fence, marksChanges: false, db)
    try db.execute(
      sql: "UPDATE lease SET expires = ? WHERE gateway_id = ? AND environment_id = ? AND NOT is_released",
      arguments: [end.nanosecondsSince1970, fence.scope.gatewayID, fence.scope.environmentID])
    guard db.changesCount == 1 else {
      throw JournalError(code: .leaseLost, message: "run \(fence.run) has given back its lock on \(fence.scope)")
    }
  }

  static func release(_ fence: Fence, settled: Bool, now: Timestamp, _ db: Database) throws {
    try db.execute(
      sql: """
        UPDATE lease SET expires = min(expires, ?), is_released = 1, has_changes = has_changes AND NOT ?
        WHERE gateway_id = ? AND environment_id = ? AND fence = ? AND run = ?
        """,
      arguments: [
        now.nanosecondsSince1970, settled, fence.scope.gatewayID, fence.scope.environmentID, fence.number, fence.run,
      ])
  }

  static func forceRelease(
    _ scope: LeaseScope, by user: String, reason: String, now: Timestamp, _ db: Database
  ) throws -> Lease? {
    guard let held = try fetch(scope, db), try held.isHeld(db) else { return nil }
    var lease = held.lease
    // The holder, should it still be at work, must not write another intent.
    lease.fence = Fence(scope: lease.fence.scope, number: lease.fence.number + 1, run: "")
    lease.expires = min(lease.expires, now)
    lease.hasChanges = false
    try LeaseRow(lease: lease, isReleased: true).save(db)
    try note(held.lease, by: user, reason: reason, now: now, db)
    return held.lease
  }

  /// Keeps who ended the lease and why, in the journal of the run that held it.
  private static func note(_ lease: Lease, by user: String, reason: String, now: Timestamp, _ db: Database) throws {
    let numberOfRun = try Int64.fetchOne(
      db, sql: "SELECT number FROM run WHERE id = ?", arguments: [lease.fence.run])
    guard let numberOfRun else { return }
    let last = try Int64.fetchOne(
      db, sql: "SELECT max(sequence) FROM entry WHERE run = ?", arguments: [numberOfRun])
    let mark = JournalEntry(
      sequence: (last ?? 0) + 1, kind: .mark, time: now, operation: "lock_release",
      title: "lock on \(lease.fence.scope) released by \(user): \(reason)",
      body: ["scope": .string(lease.fence.scope.name), "by": .string(user), "reason": .string(reason)])
    try EntryRow(mark).insert(into: numberOfRun, db)
  }
}
