public import GatewayAPI

/// Where runs are kept: a file of this machine, or a database that a team shares.
public protocol JournalStore: Sendable {
  /// Enters a new run.
  ///
  /// - Throws: ``JournalError``.
  func begin(_ run: RunRecord) async throws(JournalError)

  /// Replaces what changes of a run: its state, end, process, summary.
  func update(_ run: RunRecord) async throws(JournalError)

  /// A run by its name; nil when there is none.
  func run(_ id: String) async throws(JournalError) -> RunRecord?

  /// Runs, newest first.
  func runs(limit: Int) async throws(JournalError) -> [RunRecord]

  /// Runs that are neither finished nor rolled back, newest first.
  func unfinishedRuns() async throws(JournalError) -> [RunRecord]

  /// Runs whose names begin so, newest first.
  func runs(beginning prefix: String, limit: Int) async throws(JournalError) -> [RunRecord]

  /// Adds entries, in their order, behind all that were added before. Returns when they are durable: they survive the
  /// loss of power.
  ///
  /// Concurrent calls share one commit.
  ///
  /// - Parameter fences: of the leases under which the run changes something; none while it changes nothing.
  /// - Throws: ``JournalError`` with code `leaseLost` when one of them is another's by now, and nothing was added.
  func append(_ entries: [JournalEntry], to run: String, under fences: [Fence]) async throws(JournalError)

  /// The entries of a run with a sequence of at least `first`, in order.
  func entries(of run: String, from first: Int64) async throws(JournalError) -> [JournalEntry]

  // MARK: Leases

  /// Takes the scope's lease: when nobody holds it, when its time is up, or when the same run holds it already.
  ///
  /// - Returns: the lease, with a fence that grows with each change of holder; or who holds it.
  func acquire(_ claim: LeaseClaim, now: Timestamp) async throws(JournalError) -> LeaseAnswer

  /// Prolongs a lease.
  ///
  /// - Throws: ``JournalError`` with code `leaseLost` when it is another's by now.
  func renew(_ fence: Fence, until end: Timestamp, now: Timestamp) async throws(JournalError)

  /// Ends a lease at once. Does nothing when it is another's by now.
  ///
  /// - Parameter settled: whether what was changed under it is done with though its run goes on; otherwise others get the
  ///   scope only when the run has ended.
  func release(_ fence: Fence, settled: Bool, now: Timestamp) async throws(JournalError)

  /// Ends whatever lease there is on a scope, against its holder's will, and keeps who did so and why.
  ///
  /// - Returns: the lease that was ended; nil when there was none.
  func forceRelease(
    _ scope: LeaseScope, by user: String, reason: String, now: Timestamp
  ) async throws(JournalError) -> Lease?

  /// All leases whose time is not up, and those that lapsed without a release.
  func leases() async throws(JournalError) -> [Lease]

  // MARK: Plans

  /// Marks a saved plan as used.
  ///
  /// - Returns: the run that used it before; nil when this is the first use, which now counts.
  func usePlan(_ plan: String, in run: String, now: Timestamp) async throws(JournalError) -> String?

  /// The run that used a saved plan; nil while none has.
  func userOfPlan(_ plan: String) async throws(JournalError) -> String?
}

/// What went wrong with the journal.
public struct JournalError: Error, Sendable, Hashable {
  public enum Code: String, Sendable, Hashable {
    /// The store cannot be opened, read or written.
    case unavailable
    /// The lease is another's by now.
    case leaseLost
    /// It has reached its limit of size.
    case full
    /// Something is nested too deeply to be read again; nothing of it was kept.
    case tooDeep
  }

  public var code: Code
  public var message: String
  public var hint: String?

  public init(code: Code, message: String, hint: String? = nil) {
    self.code = code
    self.message = message
    self.hint = hint
  }
}

extension JournalStore {
  /// Ends a lease at once, for its run alone until that has ended.
  public func release(_ fence: Fence, now: Timestamp) async throws(JournalError) {
    try await release(fence, settled: false, now: now)
  }
}
