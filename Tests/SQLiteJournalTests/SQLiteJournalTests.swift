import Foundation
import GatewayAPI
import GatewayTestSupport
import RunJournal
import SQLiteJournal
import Testing

@Suite(.timeLimit(.minutes(5))) struct SQLiteJournalTests {
  @Test func runsAndEntriesComeBackAsTheyWere() async throws {
    try await withTemporaryFolder { folder in
      let path = folder.appending(path: "state/apig-lua/journal.db").path
      var record = run("r-1")
      record.start = ["script": "release.lua", "parameters": ["group": "orders", "count": 3]]
      let bodies: [Document] = [
        .null, ["answer": ["text": "ü \u{1F600} \" \\ \n\u{0}", "list": [1, .number(1.5), true, .null]]], "plain", [],
      ]
      let entries = bodies.enumerated().map { index, body in
        JournalEntry(
          sequence: Int64(index + 1), kind: JournalEntry.Kind.allCases[index],
          time: Timestamp(seconds: 1_800_000_000, nanoseconds: 123_456_789), branch: "\(index)", operation: "publish",
          digest: "d\(index)", occurrence: index, refersTo: index == 2 ? 1 : nil, title: "publish pay-create",
          place: index == 0 ? nil : "release.lua:\(index)", body: body)
      }
      let writer = try SQLiteJournal(path: path)
      try await writer.begin(record)
      try await writer.append(Array(entries.prefix(2)), to: "r-1", under: [])
      try await writer.append(Array(entries.dropFirst(2)), to: "r-1", under: [])
      record.state = .stopped
      record.endedAt = at(9)
      record.exitCode = 130
      record.process = gone
      record.summary = ["changed": 2]
      try await writer.update(record)
      try writer.close()

      let reader = try SQLiteJournal(path: path)
      #expect(try await reader.run("r-1") == record)
      #expect(try await reader.entries(of: "r-1", from: 1) == entries)
      #expect(try await reader.entries(of: "r-1", from: 3) == Array(entries.dropFirst(2)))
      try reader.close()
    }
  }

  @Test func runsAreListedNewestFirst() async throws {
    try await withJournal { journal, _ in
      try await journal.begin(run("r-a1", .finished, at: at(1)))
      try await journal.begin(run("r-a2", .stopped, at: at(2)))
      try await journal.begin(run("r-b3", .rolledBack, at: at(3)))
      try await journal.begin(run("r-b4", .running, at: at(4)))
      #expect(try await journal.runs(limit: 3).map(\.id) == ["r-b4", "r-b3", "r-a2"])
      #expect(try await journal.unfinishedRuns().map(\.id) == ["r-b4", "r-a2"])
      #expect(try await journal.runs(beginning: "r-a", limit: 9).map(\.id) == ["r-a2", "r-a1"])
      #expect(try await journal.runs(beginning: "r_a%", limit: 9).isEmpty)
      #expect(try await journal.run("r-a") == nil)
    }
  }

  @Test func whatConcernsNoRunIsRefused() async throws {
    try await withJournal { journal, _ in
      try await journal.begin(run("r-1"))
      await #expect(
        throws: JournalError(
          code: .unavailable, message: "the journal has a run r-1 already")
      ) { try await journal.begin(run("r-1")) }
      await #expect(throws: JournalError.self) { try await journal.update(run("r-2")) }
      await #expect(throws: JournalError.self) { try await journal.append([entry(1)], to: "r-2", under: []) }
      await #expect(throws: JournalError.self) { try await journal.entries(of: "r-2", from: 1) }
    }
  }

  @Test func anEntryThatIsThereAlreadyIsAnotherProcesss() async throws {
    try await withJournal { journal, path in
      let other = try SQLiteJournal(path: path)
      try await journal.begin(run("r-1"))
      try await journal.append([entry(1)], to: "r-1", under: [])
      try await other.append([entry(2)], to: "r-1", under: [])
      let error = await #expect(throws: JournalError.self) {
        try await journal.append([entry(2), entry(3)], to: "r-1", under: [])
      }
      #expect(error?.code == .leaseLost)
      #expect(try await journal.entries(of: "r-1", from: 1).map(\.sequence) == [1, 2])
      try other.close()
    }
  }

  private func nested(_ levels: Int) -> Document { (1..<levels).reduce(.null) { inner, _ in [inner] } }

  @Test func whatCouldNotBeReadAgainIsRefusedAndTheRestStaysReadable() async throws {
    try await withJournal { journal, _ in
      try await journal.begin(run("r-1"))
      let deepest = entry(1, body: nested(Document.maximumDepth))
      try await journal.append([deepest], to: "r-1", under: [])
      let error = await #expect(throws: JournalError.self) {
        try await journal.append(
          [entry(2), entry(3, body: nested(Document.maximumDepth + 1))], to: "r-1", under: [])
      }
      #expect(error?.code == .tooDeep && error?.message.contains("'publish pay-3'") == true)
      #expect(try await journal.entries(of: "r-1", from: 1) == [deepest])
      var other = run("r-2")
      other.start = nested(Document.maximumDepth + 1)
      let start = other
      await #expect(throws: JournalError.self) { try await journal.begin(start) }
      #expect(try await journal.runs(limit: 9).map(\.id) == ["r-1"])
    }
  }

  @Test func planCountsOnce() async throws {
    try await withJournal { journal, path in
      #expect(try await journal.usePlan("p-1", in: "r-1", now: at(0)) == nil)
      let other = try SQLiteJournal(path: path)
      #expect(try await other.usePlan("p-1", in: "r-2", now: at(1)) == "r-1")
      #expect(try await other.usePlan("p-2", in: "r-2", now: at(1)) == nil)
      try other.close()
    }
  }
}
