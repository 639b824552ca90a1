import Foundation
import GRDB
import GatewayAPI
import GatewayTestSupport
import RunJournal
import SQLiteJournal
import Testing

@Suite(.timeLimit(.minutes(5))) struct GroupCommitTests {
  private struct Work: Sendable {
    let entries: [JournalEntry]
    let run: String
    var fences: [Fence] = []
  }

  /// Appends all of it at once while another connection keeps the journal from writing: the first begins a commit, the
  /// others wait together for the next.
  private func together(
    _ work: [Work], _ journal: SQLiteJournal, _ path: String,
    whileWaiting: (ThrowingTaskGroup<(Int, JournalError?), any Error>) -> Void = { _ in }
  ) async throws -> [JournalError?] {
    var configuration = Configuration()
    configuration.allowsUnsafeTransactions = true
    let blocker = try DatabaseQueue(path: path, configuration: configuration)
    try await blocker.writeWithoutTransaction { try $0.execute(sql: "BEGIN IMMEDIATE") }
    let results = try await withThrowingTaskGroup(of: (Int, JournalError?).self) { group in
      for (index, part) in work.enumerated() {
        group.addTask {
          do throws(JournalError) {
            try await journal.append(part.entries, to: part.run, under: part.fences)
            return (index, nil)
          } catch {
            return (index, error)
          }
        }
        // One by one, so that the first is known.
        let isFirst = index == 0
        while isFirst ? !journal.isCommitting : journal.waitingCount < index { await Task.yield() }
      }
      whileWaiting(group)
      try await blocker.writeWithoutTransaction { try $0.execute(sql: "ROLLBACK") }
      return try await group.reduce(into: [JournalError?](repeating: nil, count: work.count)) { $0[$1.0] = $1.1 }
    }
    try blocker.close()
    return results
  }

  @Test func whatComesDuringACommitSharesTheNext() async throws {
    try await withJournal { journal, path in
      let runs = (1...4).map { "r-\($0)" }
      for id in runs { try await journal.begin(run(id)) }
      let work = (1...16).flatMap { sequence in runs.map { Work(entries: [entry(Int64(sequence))], run: $0) } }
      let results = try await together(work, journal, path)
      #expect(results == Array(repeating: nil, count: 64))
      #expect(journal.commitCount == 2)
      for id in runs { #expect(try await journal.entries(of: id, from: 1).count == 16) }
    }
  }

  @Test func faultOfOneIsNotTheOthersLoss() async throws {
    try await withJournal { journal, path in
      for id in ["r-1", "r-2"] { try await journal.begin(run(id)) }
      let stale = Fence(scope: scope, number: 7, run: "r-2")
      let results = try await together(
        [
          Work(entries: [entry(1)], run: "r-1"), Work(entries: [entry(2)], run: "r-1"),
          Work(entries: [entry(1)], run: "r-none"), Work(entries: [entry(3)], run: "r-1"),
          Work(entries: [entry(1), intent(2)], run: "r-2", fences: [stale]),
          Work(entries: [entry(5), entry(2)], run: "r-1"), Work(entries: [entry(4)], run: "r-1"),
        ], journal, path)
      #expect(results.map { $0?.code } == [nil, nil, .unavailable, nil, .leaseLost, .leaseLost, nil])
      #expect(try await journal.entries(of: "r-1", from: 1).map(\.sequence) == [1, 2, 3, 4])
      #expect(try await journal.entries(of: "r-2", from: 1).isEmpty)
    }
  }

  @Test func appendThatWasBegunEndsThoughItsTaskIsCancelled() async throws {
    try await withJournal { journal, path in
      try await journal.begin(run("r-1"))
      let work = (1...8).map { Work(entries: [entry($0)], run: "r-1") }
      let results = try await together(work, journal, path) { $0.cancelAll() }
      #expect(results == Array(repeating: nil, count: 8))
      #expect(try await journal.entries(of: "r-1", from: 1).count == 8)
    }
  }
}
