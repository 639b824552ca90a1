internal import GatewayAPI
internal import RunJournal
internal import Synchronization

/// A journal that is gone as soon as an entry is durable: what a power failure leaves, without one.
///
/// A run changes nothing that it has not written down before, so that nothing can happen behind the last entry.
final class CrashingJournal: JournalStore {
  private let store: any JournalStore
  private let last: Int64
  private let isGone = Mutex(false)
  private let onCrash: @Sendable () -> Void

  /// - Parameters:
  ///   - last: the place of the last entry that is kept.
  ///   - onCrash: called once, when that one is durable.
  init(_ store: any JournalStore, last: Int64, onCrash: @escaping @Sendable () -> Void) {
    self.store = store
    self.last = last
    self.onCrash = onCrash
  }

  var hasCrashed: Bool { isGone.withLock(\.self) }

  private var working: any JournalStore {
    get throws(JournalError) {
      guard !hasCrashed else { throw Self.gone }
      return store
    }
  }

  private static let gone = JournalError(code: .unavailable, message: "the run was stopped here by its test")

  func append(_ entries: [JournalEntry], to run: String, under fences: [Fence]) async throws(JournalError) {
    let store = try working
    guard let place = entries.firstIndex(where: { $0.sequence >= last }) else {
      return try await store.append(entries, to: run, under: fences)
    }
    try await store.append(Array(entries[...place]), to: run, under: fences)
    isGone.withLock { $0 = true }
    onCrash()
    throw Self.gone
  }

  func begin(_ run: RunRecord) async throws(JournalError) { try await working.begin(run) }
  func update(_ run: RunRecord) async throws(JournalError) { try await working.update(run) }
  func run(_ id: String) async throws(JournalError) -> RunRecord? { try await working.run(id) }
  func runs(limit: Int) async throws(JournalError) -> [RunRecord] { try await working.runs(limit: limit) }
  func unfinishedRuns() async throws(JournalError) -> [RunRecord] { try await working.unfinishedRuns() }

  func runs(beginning prefix: String, limit: Int) async throws(JournalError) -> [RunRecord] {
    try await working.runs(beginning: prefix, limit: limit)
  }

  func entries(of run: String, from first: Int64) async throws(JournalError) -> [JournalEntry] {
    try await working.entries(of: run, from: first)
  }

  func acquire(_ claim: LeaseClaim, now: Timestamp) async throws(JournalError) -> LeaseAnswer {
    try await working.acquire(claim, now: now)
  }

  func renew(_ fence: Fence, until end: Timestamp, now: Timestamp) async throws(JournalError) {
    try await working.renew(fence, until: end, now: now)
  }

  func release(_ fence: Fence, settled: Bool, now: Timestamp) async throws(JournalError) {
    try await working.release(fence, settled: settled, now: now)
  }

  func forceRelease(
    _ scope: LeaseScope, by user: String, reason: String, now: Timestamp
  ) async throws(JournalError) -> Lease? {
    try await working.forceRelease(scope, by: user, reason: reason, now: now)
  }

  func leases() async throws(JournalError) -> [Lease] { try await working.leases() }

  func usePlan(_ plan: String, in run: String, now: Timestamp) async throws(JournalError) -> String? {
    try await working.usePlan(plan, in: run, now: now)
  }

  func userOfPlan(_ plan: String) async throws(JournalError) -> String? { try await working.userOfPlan(plan) }
}
