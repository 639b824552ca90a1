import Glibc
import RunJournal
import SQLiteJournal

/// What the journal costs; each answer is a line of JSON. scripts/benchmark compares and draws them.
struct Benchmark {
  let folder: String

  /// How many operations (an intent and an outcome each, acknowledged before the next begins) become durable a second.
  func measureDurability(inFlight: Int, _ count: Int) async throws {
    let journal = try SQLiteJournal(path: "\(folder)/durable-\(inFlight)-\(getpid()).db")
    for writer in 0..<inFlight { try await journal.begin(Sample.run("r-\(writer)")) }
    let each = max(1, count / inFlight)
    let began = ContinuousClock.now
    try await withThrowingTaskGroup(of: Void.self) { group in
      for writer in 0..<inFlight {
        group.addTask {
          for sequence in 1...Int64(2 * each) {
            try await journal.append([Sample.entry(sequence)], to: "r-\(writer)", under: [])
          }
        }
      }
      try await group.waitForAll()
    }
    let seconds = (ContinuousClock.now - began) / .seconds(1)
    let commits = journal.commitCount
    try journal.close()
    let operations = each * inFlight
    say(#"{"operations_per_second": \#(Double(operations) / seconds), "commits": \#(commits)}"#)
  }

  /// What writing, opening and reading cost while a run grows to `count` entries: a line for each power of ten.
  func measureGrowth(_ count: Int) async throws {
    let path = "\(folder)/growth-\(getpid()).db"
    var written = 0
    var writing = Duration.zero
    var size = 10
    try await SQLiteJournal(path: path).closing { try await $0.begin(Sample.run("r-1")) }
    while size <= count {
      let (first, last) = (written, size)
      writing += try await SQLiteJournal(path: path).closing { journal in
        try await ContinuousClock().measure {
          for start in stride(from: first + 1, through: last, by: 1000) {
            let entries = (start...min(start + 999, last)).map { Sample.entry(Int64($0)) }
            try await journal.append(entries, to: "r-1", under: [])
          }
        }
      }
      written = size
      let began = ContinuousClock.now
      let reader = try SQLiteJournal(path: path)
      let opened = ContinuousClock.now
      let entries = try await reader.entries(of: "r-1", from: 1)
      let read = ContinuousClock.now - opened
      guard entries.count == written else {
        throw JournalError(code: .unavailable, message: "\(entries.count) entries were read")
      }
      try reader.close()
      var facts = stat()
      stat(path, &facts)
      say(
        """
        {"entries": \(written), "write_seconds": \(writing / .seconds(1)), \
        "open_milliseconds": \((opened - began) / .milliseconds(1)), "read_seconds": \(read / .seconds(1)), \
        "bytes": \(facts.st_size)}
        """)
      size *= 10
    }
  }
}

extension SQLiteJournal {
  /// Hands the journal to `body`, and closes it.
  fileprivate func closing<Value>(_ body: (SQLiteJournal) async throws -> Value) async throws -> Value {
    let value = try await body(self)
    try close()
    return value
  }
}
