internal import Synchronization

/// Work that is done once for all who want it while it is under way, told apart by keys.
package final class JointTasks<Key: Hashable & Sendable, Value: Sendable>: Sendable {
  private typealias Work = JointTask<Int, Value>

  private struct State {
    var works: [Key: Work] = [:]
    var nextMember = 0
    var joined = 0
  }

  /// A part in work that is under way.
  package struct Share: Sendable {
    fileprivate let work: JointTask<Int, Value>
    fileprivate let ticket: JointTask<Int, Value>.Ticket?
    /// Whether the work was begun for it.
    package let isFirst: Bool

    /// Waits for the value.
    ///
    /// - Throws: what the work throws; `CancellationError` when the current task is cancelled: the others go on.
    package func value() async throws -> Value {
      guard let ticket else { throw CancellationError() }
      return try await work.value(ticket)
    }
  }

  private let state = Mutex(State())

  package init() {}

  /// How often work was shared that had been begun for somebody else.
  package var joined: Int { state.withLock { $0.joined } }

  /// Takes part in the work of that key; begins it when none is under way.
  ///
  /// - Parameter body: not called when somebody has begun it already. Runs with the task-local values of the first.
  package func share(of key: Key, _ body: @escaping @Sendable () async throws -> Value) -> Share {
    state.withLock { state in
      state.nextMember += 1
      if let work = state.works[key], let ticket = work.join(state.nextMember) {
        state.joined += 1
        return Share(work: work, ticket: ticket, isFirst: false)
      }
      let work = Work()
      let ticket = work.join(state.nextMember)
      state.works[key] = work
      work.start { work in
        defer { self.forget(work, key) }
        return try await body()
      }
      return Share(work: work, ticket: ticket, isFirst: true)
    }
  }

  private func forget(_ work: Work, _ key: Key) {
    state.withLock { if $0.works[key] === work { $0.works[key] = nil } }
  }
}
