import Foundation
import GatewayAPI
import GatewayTestSupport
import RunJournal
import SQLiteJournal
import Testing

@Suite(.timeLimit(.minutes(5))) struct RetentionTests {
  private static let day: Int64 = 86_400
  /// Some 200 kB.
  private static let large: Document = .string(String(repeating: "0123456789abcdef", count: 12_500))

  private func fill(_ journal: SQLiteJournal, _ run: RunRecord, entries: Int64 = 5) async throws {
    try await journal.begin(run)
    for sequence in 1...entries {
      try await journal.append([entry(sequence, body: Self.large)], to: run.id, under: [])
    }
  }

  private func names(_ journal: SQLiteJournal) async throws -> Set<String> {
    Set(try await journal.runs(limit: 100).map(\.id))
  }

  @Test func whatEndedLongAgoGoesWhenARunBegins() async throws {
    try await withJournal { journal, _ in
      let ends: [(String, RunRecord.State, Int64)] = [
        ("r-old", .finished, 9), ("r-undone", .rolledBack, 9), ("r-kept", .finished, 11), ("r-stopped", .stopped, 1),
        ("r-running", .running, 1),
      ]
      for (id, state, day) in ends {
        try await fill(journal, run(id, state, endedAt: at(day * Self.day)), entries: 1)
      }
      try await journal.begin(run("r-new", at: at(100 * Self.day)))
      #expect(try await names(journal) == ["r-kept", "r-stopped", "r-running", "r-new"])
      await #expect(throws: JournalError.self) { try await journal.entries(of: "r-old", from: 1) }
      #expect(try await journal.entries(of: "r-kept", from: 1).count == 1)
    }
  }

  @Test func whatEndedFirstGoesWhenTheFileGrowsTooLarge() async throws {
    try await withJournal(limits: JournalLimits(fileSize: 2_500_000)) { journal, path in
      for number in 1...3 {
        let state: RunRecord.State = number == 1 ? .stopped : .finished
        try await fill(journal, run("r-\(number)", state, endedAt: at(Int64(number))))
      }
      #expect(try await names(journal) == ["r-1", "r-2", "r-3"])
      try await journal.begin(run("r-4", at: at(10)))
      #expect(try await names(journal) == ["r-1", "r-3", "r-4"])
      #expect(try await journal.entries(of: "r-1", from: 1).count == 5)
    }
  }

  @Test func roomOfWhatWentIsGivenBack() async throws {
    try await withTemporaryFolder { folder in
      let path = folder.appending(path: "journal.db").path
      func size() throws -> Int {
        try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
      }
      var journal = try SQLiteJournal(path: path)
      try await fill(journal, run("r-1", .finished, endedAt: at(1)), entries: 20)
      try journal.close()
      let before = try size()
      #expect(before > 4_000_000)
      journal = try SQLiteJournal(path: path)
      try await journal.begin(run("r-2", at: at(91 * Self.day)))
      try journal.close()
      #expect(try size() < before / 10)
    }
  }

  @Test func oneRunCannotFillTheDisk() async throws {
    try await withJournal(limits: JournalLimits(runSize: 1 << 20)) { journal, _ in
      try await fill(journal, run("r-1"))
      let error = await #expect(throws: JournalError.self) {
        try await journal.append([entry(6, body: Self.large)], to: "r-1", under: [])
      }
      #expect(error?.code == .full)
      #expect(error?.message.contains("1 MiB") == true)
      #expect(try await journal.entries(of: "r-1", from: 1).count == 5)
      try await fill(journal, run("r-2"), entries: 1)
    }
  }
}
