import Foundation
import GatewayAPI
import GatewayTestSupport
import RunJournal
import SQLiteJournal

/// Runs the body with a new journal in a folder of its own.
func withJournal<Value>(
  limits: JournalLimits = JournalLimits(), _ body: (SQLiteJournal, String) async throws -> Value
) async throws -> Value {
  try await withTemporaryFolder { folder in
    let path = folder.appending(path: "journal.db").path
    let journal = try SQLiteJournal(path: path, limits: limits)
    let value = try await body(journal, path)
    try journal.close()
    return value
  }
}

/// A moment, in seconds since a beginning that all tests share.
func at(_ seconds: Int64) -> Timestamp { Timestamp(seconds: 1_800_000_000 + seconds) }

func run(
  _ id: String, _ state: RunRecord.State = .running, at time: Timestamp = at(0), endedAt: Timestamp? = nil
) -> RunRecord {
  RunRecord(
    id: id, state: state, startedAt: time, endedAt: endedAt, user: "ops@jump1", host: "jump1", process: .current,
    command: "release.lua --group orders", gateway: "prod-cn4", environment: "RELEASE")
}

func entry(_ sequence: Int64, _ kind: JournalEntry.Kind = .answer, body: Document = .null) -> JournalEntry {
  JournalEntry(
    sequence: sequence, kind: kind, time: at(sequence), operation: "publish", title: "publish pay-\(sequence)",
    body: body)
}

/// Of a change of a gateway.
func intent(_ sequence: Int64) -> JournalEntry {
  entry(sequence, .intent, body: ["arguments": ["gateway": "prod-cn4"]])
}

let scope = LeaseScope(gatewayID: "https://gateway/f0fa", environmentID: "e1", name: "prod-cn4/RELEASE")

/// A process that is gone for certain: no number is so high.
let gone = ProcessIdentity(number: .max, startMark: nil)

func claim(
  _ run: String, until end: Timestamp = at(1200), host: String = "jump1", process: ProcessIdentity = .current,
  scope: LeaseScope = scope
) -> LeaseClaim {
  LeaseClaim(
    scope: scope, run: run, holder: "ops@\(host)", host: host, process: process,
    command: "release.lua --group orders", expires: end)
}

extension LeaseAnswer {
  /// The lease that was granted; nil when it is another's.
  var granted: Lease? {
    guard case .granted(let lease) = self else { return nil }
    return lease
  }

  /// The lease that stands in the way; nil when none does.
  var held: Lease? {
    guard case .held(let lease) = self else { return nil }
    return lease
  }
}
