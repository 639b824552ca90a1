import GatewayAPI
import Glibc
import RunJournal
import SQLiteJournal

/// Writes a line at once: whoever kills this process knows what it did by then.
func say(_ line: String) {
  let bytes = Array((line + "\n").utf8)
  _ = write(STDOUT_FILENO, bytes, bytes.count)
}

/// Begins runs and appends to them until the process is killed or the journal takes no more; says each entry that the
/// journal says it has.
func append(to path: String, run: String, writers: Int) async throws {
  let journal = try SQLiteJournal(path: path)
  try await withThrowingTaskGroup(of: Void.self) { group in
    for writer in 1...writers {
      group.addTask {
        let run = "\(run)-\(writer)"
        try await journal.begin(Sample.run(run))
        for sequence in 1... {
          try await journal.append([Sample.entry(Int64(sequence))], to: run, under: [])
          say("\(run) \(sequence)")
        }
      }
    }
    try await group.waitForAll()
  }
}

/// Takes the lease of the environment `e` for a new run, and keeps it until the process is killed.
func hold(in path: String, run: String) async throws {
  let journal = try SQLiteJournal(path: path)
  try await journal.begin(Sample.run(run))
  let now = Timestamp.now()
  let claim = LeaseClaim(
    scope: LeaseScope(gatewayID: "g", environmentID: "e", name: "local/RELEASE"), run: run, holder: "driver@here",
    host: "here", process: .current, command: "release.lua", expires: Timestamp(seconds: now.seconds + 3600))
  switch try await journal.acquire(claim, now: now) {
  case .granted(let lease): say("granted \(lease.fence.number)")
  case .held(let lease): say("held by \(lease.fence.run)")
  }
  try await Task.sleep(for: .seconds(3600))
}

/// Records as a run leaves them.
enum Sample {
  static func run(_ id: String) -> RunRecord {
    RunRecord(
      id: id, startedAt: .now(), user: "driver@here", host: "here", process: .current, command: "release.lua",
      gateway: "local")
  }

  /// The intent or, every other time, the outcome of a publish.
  static func entry(_ sequence: Int64) -> JournalEntry {
    let api: Document = .string("0f83d8c6ef2c4d41a6b3d2a1c90f\(sequence % 10_000)")
    let isIntent = sequence % 2 == 1
    let body: Document =
      isIntent
      ? [
        "arguments": ["gateway": "local", "operation": "publish", "values": ["api_id": api, "env_id": "RELEASE"]],
        "details": ["before": ["version_id": "7d1f6d3c0a5e4a7bb1c8f6d5e4c3b2a1", "number": "20261118091204"]],
      ]
      : [
        "answer": [
          "api_id": api, "api_name": .string("pay-\(sequence)"), "env_id": "DEFAULT_ENVIRONMENT_RELEASE_ID",
          "publish_id": "40e7162dc6b94bbbbb1a60d2a24b1b0c", "publish_time": "2026-11-20T10:15:02.265228Z",
          "version_id": "ee1a5a38d3d3493abf1dc4ed6cacfa0b", "remark": "weekly release al:01KB9Q:17",
        ]
      ]
    return JournalEntry(
      sequence: sequence, kind: isIntent ? .intent : .outcome, time: .now(), branch: "\(sequence % 32)",
      operation: "publish", digest: "9f86d081884c7d659a2f", refersTo: isIntent ? nil : sequence - 1,
      title: "publish pay-\(sequence) to RELEASE", place: "release.lua:14", body: body)
  }
}
