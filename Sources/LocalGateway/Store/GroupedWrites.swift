internal import GRDB
internal import Synchronization

/// Gathers writes: what comes while a commit is under way goes together into the next, for a commit costs more than most
/// of what it commits.
final class GroupedWrites: Sendable {
  private struct Write: Sendable {
    /// Does the work; returns what hands out its value once that is committed.
    let perform: @Sendable (Database) throws -> @Sendable () -> Void
    let fail: @Sendable (any Error) -> Void
  }

  private struct State: Sendable {
    var waiting: [Write] = []
    var isWriting = false
  }

  private let writer: any DatabaseWriter
  private let state = Mutex(State())

  init(_ writer: any DatabaseWriter) { self.writer = writer }

  /// - Parameter body: touches nothing but the database: it is carried out again when another of its group fails.
  func write<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
      let write = Write(
        perform: { db in
          let value = try body(db)
          return { continuation.resume(returning: value) }
        }, fail: { continuation.resume(throwing: $0) })
      let isFirst = state.withLock { state in
        state.waiting.append(write)
        defer { state.isWriting = true }
        return !state.isWriting
      }
      if isFirst { schedule() }
    }
  }

  private func schedule() {
    writer.asyncWriteWithoutTransaction { db in
      let group = self.state.withLock { state in
        defer { state.waiting = [] }
        return state.waiting
      }
      Self.carryOut(group, db)
      let goesOn = self.state.withLock { state in
        state.isWriting = !state.waiting.isEmpty
        return state.isWriting
      }
      if goesOn { self.schedule() }
    }
  }

  private static func carryOut(_ group: [Write], _ db: Database) {
    do {
      var ends: [@Sendable () -> Void] = []
      try db.inTransaction(.immediate) {
        ends = try group.map { try $0.perform(db) }
        return .commit
      }
      for end in ends { end() }
    } catch {
      // What is wrong with one must not be the others' loss.
      if group.count == 1 { group[0].fail(error) } else { for write in group { carryOut([write], db) } }
    }
  }
}
