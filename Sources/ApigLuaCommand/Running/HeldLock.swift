internal import GatewayAPI
internal import RunJournal

/// A lease and why it stands.
struct HeldLock: Sendable {
  enum Reason: String, Sendable {
    /// A run works under it.
    case held
    /// What an unfinished run changed stands: nobody else gets the environment until the run goes on or is undone.
    case kept
    /// Its time is up, or its process gone: whoever wants it gets it.
    case lapsed
  }

  let lease: Lease
  let reason: Reason

  /// - Throws: `JournalError`.
  static func all(in store: any JournalStore, now: Timestamp) async throws -> [HeldLock] {
    var locks: [HeldLock] = []
    for lease in try await store.leases() {
      if lease.isLive(at: now, seenFrom: ProcessFacts.current.host) {
        locks.append(HeldLock(lease: lease, reason: .held))
      } else {
        let isKept = lease.isKept(forRun: try await store.run(lease.fence.run)?.state)
        locks.append(HeldLock(lease: lease, reason: isKept ? .kept : .lapsed))
      }
    }
    return locks
  }

  /// What it is about, one to a column.
  static let columns = ["environment", "state", "run", "by", "command", "since"]

  /// - Parameter time: how moments are told.
  func cells(_ time: (Timestamp) -> String) -> [String] {
    let state =
      switch reason {
      case .held: "held until \(time(lease.expires))"
      case .kept: "kept for its unfinished run"
      case .lapsed: "lapsed"
      }
    return [lease.fence.scope.name, state, lease.fence.run, lease.holder, lease.command, time(lease.since)]
  }

  var document: Document {
    let scope = lease.fence.scope
    return [
      "scope": .string(scope.name), "state": .string(reason.rawValue), "gateway_id": .string(scope.gatewayID),
      "env_id": .string(scope.environmentID), "run": .string(lease.fence.run), "holder": .string(lease.holder),
      "host": .string(lease.host), "process": .integer(Int64(lease.process.number)),
      "command": .string(lease.command), "since": .string(lease.since.text), "expires": .string(lease.expires.text),
    ]
  }
}
