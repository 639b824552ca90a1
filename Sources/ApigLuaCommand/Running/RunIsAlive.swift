internal import GatewayAPI
internal import RunJournal

/// A process works on the run.
struct RunIsAlive: Error, Sendable {
  let run: RunRecord
  /// By which that is known of a process on another host; nil for one of this host.
  var lease: Lease?
}

extension RunRecord {
  /// Refuses to take over a run whose process may be at work: on this host that can be seen, of another its locks tell.
  ///
  /// - Throws: ``RunIsAlive``; `JournalError`.
  func refuseWhileAlive(_ store: any JournalStore) async throws {
    guard state == .running else { return }
    let here = ProcessFacts.current.host
    if host == here {
      guard process.isGone else { throw RunIsAlive(run: self) }
      return
    }
    let lease = try await store.leases().first { $0.fence.run == id && $0.isLive(at: .now(), seenFrom: here) }
    if let lease { throw RunIsAlive(run: self, lease: lease) }
  }
}
