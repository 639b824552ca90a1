import Glibc
import RunJournal
import SQLiteJournal

/// What a durable operation costs: an intent and an outcome, each acknowledged before the next begins.
struct Benchmark {
  let folder: String
  /// How many for each round.
  let operations: Int
  private static let rounds = 5
  private static let entriesToRead = 100_000

  func run() async throws {
    var alone: [Double] = []
    var together: [Double] = []
    var ratios: [Double] = []
    var commits = 0
    for round in 1...Self.rounds {
      // Both of a pair see the same disk at about the same time.
      let (slow, _) = try await rate(inFlight: 1, operations / 8, "\(round)-alone")
      let (fast, count) = try await rate(inFlight: 64, operations, "\(round)-together")
      alone.append(slow)
      together.append(fast)
      ratios.append(fast / slow)
      commits += count
    }
    report("1 in flight, a commit for each entry, operations/s", alone)
    report("64 in flight, commits shared, operations/s", together)
    report("ratio", ratios, decimals: 1)
    let shared = Double(2 * (operations / 64 * 64) * Self.rounds) / Double(commits)
    say("entries in a shared commit: \(decimal(shared, 1))")
    try await measureReading()
  }

  /// - Returns: durable operations per second, and the commits that all took.
  private func rate(inFlight: Int, _ count: Int, _ name: String) async throws -> (rate: Double, commits: Int) {
    let journal = try SQLiteJournal(path: "\(folder)/\(name).db")
    for writer in 0..<inFlight { try await journal.begin(Sample.run("r-\(writer)")) }
    let each = count / inFlight
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
    return (Double(each * inFlight) / seconds, commits)
  }

  private func measureReading() async throws {
    let path = "\(folder)/read.db"
    let journal = try SQLiteJournal(path: path)
    try await journal.begin(Sample.run("r-1"))
    for first in stride(from: 1, through: Self.entriesToRead, by: 1000) {
      try await journal.append((first..<first + 1000).map { Sample.entry(Int64($0)) }, to: "r-1", under: [])
    }
    try journal.close()
    var seconds: [Double] = []
    var opening: [Double] = []
    for _ in 1...Self.rounds {
      let began = ContinuousClock.now
      let reader = try SQLiteJournal(path: path)
      let opened = ContinuousClock.now
      let entries = try await reader.entries(of: "r-1", from: 1)
      guard entries.count == Self.entriesToRead else {
        throw JournalError(code: .unavailable, message: "\(entries.count) entries were read")
      }
      opening.append((opened - began) / .milliseconds(1))
      seconds.append((ContinuousClock.now - opened) / .seconds(1))
      try reader.close()
    }
    report("opening, ms", opening, decimals: 2)
    report("reading \(Self.entriesToRead) entries, s", seconds, decimals: 2)
    var facts = stat()
    stat(path, &facts)
    say("bytes of file per entry: \(Int(facts.st_size) / Self.entriesToRead)")
  }

  private func report(_ title: String, _ values: [Double], decimals: Int = 0) {
    let sorted = values.sorted()
    let spread = "\(decimal(sorted[0], decimals)) to \(decimal(sorted[sorted.count - 1], decimals))"
    say("\(title): \(decimal(sorted[sorted.count / 2], decimals)) (\(spread))")
  }

  private func decimal(_ value: Double, _ digits: Int) -> String {
    let scale = (0..<digits).reduce(1.0) { factor, _ in factor * 10 }
    return digits == 0 ? "\(Int(value.rounded()))" : "\((value * scale).rounded() / scale)"
  }
}
