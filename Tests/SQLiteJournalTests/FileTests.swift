import Foundation
import GRDB
import GatewayAPI
import GatewayTestSupport
import Glibc
import RunJournal
import SQLiteJournal
import Testing

/// What the file is, and what is said of one that cannot be used.
@Suite(.timeLimit(.minutes(5))) struct FileTests {
  private func failure(opening path: String) -> JournalError? {
    #expect(throws: JournalError.self) { try SQLiteJournal(path: path) }
  }

  @Test func isTheUsersAlone() async throws {
    try await withTemporaryFolder { folder in
      let state = folder.appending(path: "state/apig-lua")
      let journal = try SQLiteJournal(path: state.appending(path: "journal.db").path)
      try await journal.begin(run("r-1"))
      func permissions(_ url: URL) throws -> Int {
        try FileManager.default.attributesOfItem(atPath: url.path)[.posixPermissions] as? Int ?? 0
      }
      #expect(try permissions(state) == 0o700)
      let files = try FileManager.default.contentsOfDirectory(at: state, includingPropertiesForKeys: nil)
      #expect(files.map(\.lastPathComponent).contains("journal.db-wal"))
      for file in files { #expect(try permissions(file) == 0o600, "\(file.lastPathComponent)") }
      try journal.close()
    }
  }

  @Test func eachCommitReachesTheDisk() async throws {
    try await withJournal { journal, path in
      let mode = try await DatabaseQueue(path: path).read { try String.fetchOne($0, sql: "PRAGMA journal_mode") }
      #expect(mode == "wal")
      #expect(try await journal.synchronousMode() == 2)
    }
  }

  @Test func lookingWaitsForNobody() async throws {
    try await withJournal { journal, path in
      try await journal.begin(run("r-1"))
      var configuration = Configuration()
      configuration.allowsUnsafeTransactions = true
      let writer = try DatabaseQueue(path: path, configuration: configuration)
      try await writer.writeWithoutTransaction { try $0.execute(sql: "BEGIN IMMEDIATE") }
      // Opening, too, writes nothing; else it would fail after half a minute.
      let reader = try SQLiteJournal(path: path)
      #expect(try await reader.runs(limit: 1).map(\.id) == ["r-1"])
      try reader.close()
      try await writer.writeWithoutTransaction { try $0.execute(sql: "ROLLBACK") }
      try writer.close()
    }
  }

  @Test func fileThatIsNoJournalIsLeftAsItIs() async throws {
    try await withTemporaryFolder { folder in
      let path = folder.appending(path: "journal.db").path
      let text = String(repeating: "not a journal\n", count: 1000)
      try text.write(toFile: path, atomically: true, encoding: .utf8)
      let error = failure(opening: path)
      #expect(error?.code == .unavailable)
      #expect(error?.message.contains("damaged") == true)
      #expect(error?.message.contains(path) == true)
      #expect(error?.hint?.contains("move it") == true)
      #expect(try String(contentsOfFile: path, encoding: .utf8) == text)
    }
  }

  @Test func damageInTheMiddleIsSaid() async throws {
    try await withTemporaryFolder { folder in
      let path = folder.appending(path: "journal.db").path
      let writer = try SQLiteJournal(path: path)
      try await writer.begin(run("r-1"))
      try await writer.append((1...2000).map { entry($0, body: ["answer": "text"]) }, to: "r-1", under: [])
      try writer.close()
      let file = try FileHandle(forUpdating: URL(filePath: path))
      // Behind the schema's pages.
      for page in 12..<30 {
        try file.seek(toOffset: UInt64(page) * 4096)
        try file.write(contentsOf: Data(repeating: 0xA5, count: 4096))
      }
      try file.close()
      let reader = try SQLiteJournal(path: path)
      let error = await #expect(throws: JournalError.self) { try await reader.entries(of: "r-1", from: 1) }
      #expect(error?.message.contains("damaged") == true)
      try reader.close()
    }
  }

  @Test func newerVersionsFileIsRefused() async throws {
    try await withTemporaryFolder { folder in
      let path = folder.appending(path: "journal.db").path
      try SQLiteJournal(path: path).close()
      let newer = try DatabaseQueue(path: path)
      try await newer.write { try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('99: what is to come')") }
      try newer.close()
      #expect(failure(opening: path)?.message.contains("newer apig-lua") == true)
    }
  }

  @Test func folderThatCannotBeMadeIsSaid() async throws {
    try await withTemporaryFolder { folder in
      let file = folder.appending(path: "file").path
      try "".write(toFile: file, atomically: true, encoding: .utf8)
      let error = failure(opening: file + "/apig-lua/journal.db")
      #expect(error?.message.contains("Not a directory") == true)
    }
  }

  @Test(.enabled(if: getuid() != 0, "root may write everywhere")) func fileThatCannotBeWrittenIsSaid() async throws {
    try await withTemporaryFolder { folder in
      let path = folder.appending(path: "journal.db").path
      try SQLiteJournal(path: path).close()
      try FileManager.default.setAttributes([.posixPermissions: 0o400], ofItemAtPath: path)
      #expect(failure(opening: path)?.message.contains("cannot be") == true)
    }
  }
}
