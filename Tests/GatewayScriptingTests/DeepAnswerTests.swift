import Foundation
import GatewayAPI
import GatewayTestSupport
import ReleaseEngine
import RunJournal
import SQLiteJournal
import Testing

/// Answers that are nested so deeply that the journal could not be read again with them.
@Suite(.timeLimit(.minutes(5))) struct DeepAnswerTests {
  @Test func theCallIsToldAndTheRunsJournalStaysReadable() async throws {
    try await withTemporaryFolder { folder in
      let journal = try SQLiteJournal(path: folder.appending(path: "journal.db").path)
      let record = RunRecord(
        id: "r-1", startedAt: .now(), user: "ops@jump1", host: "jump1", process: .current, command: "release.lua",
        gateway: "prod")
      let recorder = RunRecorder(store: { journal }, run: record)
      let deep = (1..<Document.maximumDepth).reduce(Document.null) { inner, _ in [inner] }
      let error = await #expect(throws: JournalError.self) {
        try await recorder.answer(RecordedCall("api", title: "read pay-create")) { () async throws in deep }
      }
      #expect(error?.code == .tooDeep && error?.message.contains("'read pay-create'") == true)
      // Nothing is begun whose intent could not be read.
      await #expect(throws: JournalError.self) { try await recorder.begin(RecordedCall("publish"), details: [deep]) }
      let begin = try await recorder.begin(RecordedCall("publish"))
      try await recorder.end(RecordedCall("publish"), begin, .success("done"))
      #expect(try await journal.entries(of: "r-1", from: 1).map(\.kind) == [.intent, .outcome])
      try journal.close()
    }
  }
}
