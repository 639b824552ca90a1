import Foundation
import GatewayAPI
import GatewayTestSupport
import RunJournal
import SQLiteJournal
import Subprocess
import SystemPackage
import Testing

/// Several processes, some of which are killed.
@Suite(.timeLimit(.minutes(5))) struct ProcessTests {
  /// Where the build put the program, beside the tests.
  private static var driver: String {
    let folders = Bundle.allBundles.map(\.bundleURL) + [URL(filePath: CommandLine.arguments[0])]
    return folders.map { $0.deletingLastPathComponent().appending(path: "journal-driver").path }
      .first(where: FileManager.default.isExecutableFile(atPath:)) ?? "journal-driver"
  }

  /// Runs the driver until it ends or has said enough lines, when it is killed.
  private static func drive(
    _ arguments: [String], killAfter limit: Int, _ program: String = driver
  ) async throws -> [String] {
    try await Subprocess.run(
      .path(FilePath(program)), arguments: Arguments(arguments), input: .none, output: .sequence, error: .discarded
    ) { process in
      var lines: [String] = []
      for try await line in process.standardOutput.strings() {
        lines.append(line.trimmingCharacters(in: .whitespacesAndNewlines))
        if lines.count == limit { try process.send(signal: .kill) }
      }
      return lines
    }.closureResult
  }

  /// Whether the journal has, without gaps, what the lines say.
  private static func check(_ lines: [String], _ path: String) async throws {
    let journal = try SQLiteJournal(path: path)
    let said = Dictionary(grouping: lines.map { $0.split(separator: " ") }.filter { $0.count == 2 }) { String($0[0]) }
    for (run, lines) in said {
      let last = lines.compactMap { Int64($0[1]) }.max() ?? 0
      let entries = try await journal.entries(of: run, from: 1).map(\.sequence)
      #expect(entries == Array((0..<Int64(entries.count)).map { $0 + 1 }), "\(run)")
      #expect(entries.count >= last, "\(run)")
    }
    #expect(!said.isEmpty)
    try journal.close()
  }

  @Test func whatWasAcknowledgedOutlivesAKill() async throws {
    try await withTemporaryFolder { folder in
      let path = folder.appending(path: "journal.db").path
      for round in 1...5 {
        let lines = try await Self.drive(["append", path, "r-\(round)", "8"], killAfter: 150 * round)
        #expect(lines.count >= 150 * round)
        try await Self.check(lines, path)
      }
    }
  }

  @Test func processesWriteAtOnce() async throws {
    try await withTemporaryFolder { folder in
      let path = folder.appending(path: "journal.db").path
      // All of them find no file, and make it.
      let lines = try await withThrowingTaskGroup(of: [String].self) { group in
        for name in ["r-a", "r-b", "r-c"] {
          group.addTask { try await Self.drive(["append", path, name, "4"], killAfter: 200) }
        }
        return try await group.reduce(into: []) { $0 += $1 }
      }
      #expect(Set(lines.map { $0.prefix(3) }) == ["r-a", "r-b", "r-c"])
      try await Self.check(lines, path)
    }
  }

  @Test func fullDiskLosesNothingThatWasAcknowledged() async throws {
    try await withTemporaryFolder { folder in
      let path = folder.appending(path: "journal.db").path
      let lines = try await Self.drive(
        ["-c", "ulimit -f 300; exec \(Self.driver) append \(path) r-1 4"], killAfter: .max, "/bin/bash")
      #expect(lines.last?.contains("the journal \(path) cannot") == true)
      try await Self.check(lines, path)
    }
  }

  @Test func killedHolderLosesItsLeaseAtOnce() async throws {
    try await withTemporaryFolder { folder in
      let path = folder.appending(path: "journal.db").path
      #expect(try await Self.drive(["hold", path, "r-1"], killAfter: 1) == ["granted 1"])
      let second = try await Subprocess.run(
        .path(FilePath(Self.driver)), arguments: ["hold", path, "r-2"], input: .none, output: .sequence,
        error: .discarded
      ) { process in
        for try await line in process.standardOutput.strings() {
          #expect(line.hasPrefix("granted 2"))
          // While it lives nobody else gets it.
          #expect(try await Self.drive(["hold", path, "r-3"], killAfter: 1) == ["held by r-2"])
          try process.send(signal: .kill)
        }
      }
      #expect(second.terminationStatus == .signaled(9))
      #expect(try await Self.drive(["hold", path, "r-4"], killAfter: 1) == ["granted 3"])
    }
  }

  @Test func processKnowsItselfAndThoseThatEnded() async throws {
    let own = ProcessIdentity.current
    #expect(own.startMark != nil)
    #expect(!own.isGone)
    let later = ProcessIdentity(number: own.number, startMark: own.startMark.map { $0 + "1" })
    #expect(later.isGone, "the number is another process's by now")
    let boot = ProcessIdentity(number: own.number, startMark: "00000000/pid:[1]/5")
    #expect(boot.isGone, "the machine was started again since")
    let container = own.startMark.map { "\($0.prefix { $0 != "/" })/pid:[1]/5" }
    #expect(!ProcessIdentity(number: 1, startMark: container).isGone, "cannot be seen from here")
  }
}
