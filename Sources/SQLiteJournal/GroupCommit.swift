internal import GRDB
internal import RunJournal
internal import Synchronization

/// Gathers what is to be appended: what comes while a commit is under way goes together into the next.
final class GroupCommit: Sendable {
  /// What belongs to one call: it is appended whole or not at all.
  private struct Append: Sendable {
    let run: String
    let rows: [EntryRow]
    let fences: [Fence]
    let end: CheckedContinuation<Result<Void, JournalError>, Never>
  }

  private struct State: Sendable {
    var waiting: [Append] = []
    var isCommitting = false
    var commits = 0
  }

  private let database: JournalDatabase
  private let limit: Int
  private let state = Mutex(State())

  /// - Parameter limit: the most bytes for one run.
  init(_ database: JournalDatabase, limit: Int) {
    self.database = database
    self.limit = limit
  }

  var commitCount: Int { state.withLock { $0.commits } }
  var isCommitting: Bool { state.withLock { $0.isCommitting && $0.waiting.isEmpty } }
  var waitingCount: Int { state.withLock { $0.waiting.count } }

  func append(_ rows: [EntryRow], to run: String, under fences: [Fence]) async throws(JournalError) {
    let result = await withCheckedContinuation { end in
      let isFirst = state.withLock { state in
        state.waiting.append(Append(run: run, rows: rows, fences: fences, end: end))
        defer { state.isCommitting = true }
        return !state.isCommitting
      }
      if isFirst { schedule() }
    }
    try result.get()
  }

  private func schedule() {
    database.schedule { db in
      let group = self.state.withLock { state in
        defer { state.waiting = [] }
        return state.waiting
      }
      for (append, result) in zip(group, self.commit(group, db)) { append.end.resume(returning: result) }
      let goesOn = self.state.withLock { state in
        state.isCommitting = !state.waiting.isEmpty
        return state.isCommitting
      }
      if goesOn { self.schedule() }
    }
  }

  private func commit(_ group: [Append], _ db: Database) -> [Result<Void, JournalError>] {
    do {
      try db.inTransaction(.immediate) {
        for append in group { try add(append, db) }
        return .commit
      }
      state.withLock { $0.commits += 1 }
      return group.map { _ in .success(()) }
    } catch {
      // What is wrong with one must not be the others' loss.
      guard group.count == 1 else { return group.flatMap { commit([$0], db) } }
      return [.failure(JournalError(error, path: database.path))]
    }
  }

  private func add(_ append: Append, _ db: Database) throws {
    let number = try RunRow.number(of: append.run, db)
    // A wait or a question leaves nothing behind that an environment would have to be kept for.
    let changesGateway = append.rows.contains { $0.entry.changedGateway != nil }
    for fence in append.fences { try LeaseRow.check(fence, marksChanges: changesGateway, db) }
    // A full run reads nothing more; what it has begun is entered to its end, and it can be undone.
    let reads = append.rows.contains { $0.entry.kind == .answer }
    try RunSize.grow(
      number, by: append.rows.reduce(0) { $0 + $1.size }, limit: reads ? limit : .max, append.run, db)
    do {
      for row in append.rows { try row.insert(into: number, db) }
    } catch DatabaseError.SQLITE_CONSTRAINT {
      throw JournalError(
        code: .leaseLost,
        message: "another process works on run \(append.run): it wrote the journal's next entry first",
        hint: "see apig-lua status \(append.run)")
    }
  }
}
