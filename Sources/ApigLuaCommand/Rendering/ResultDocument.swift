internal import GatewayAPI
internal import GatewayClient
internal import ReleaseEngine

/// The one document that `--output json` writes: stable and versioned.
struct ResultDocument {
  let run: String
  let gateway: String
  let environment: String?
  /// RFC 3339, UTC.
  let started: String
  let seconds: Double
  let status: ExitStatus
  let changes: RunChanges
  let statistics: ClientStatistics
  let error: Document?
  let value: Document
  let output: [Document]

  var document: Document {
    [
      "schema": 1,
      "run": .string(run),
      "outcome": .string(status.outcome(keepsChanges: changes.areKept)),
      "exit": .integer(Int64(status.rawValue)),
      "gateway": .string(gateway),
      "env": environment.map(Document.string) ?? .null,
      "started": .string(started),
      "seconds": .number(seconds),
      "waited_for_limit": .number(milliseconds(statistics.waitedForLimit)),
      "requests": .integer(Int64(statistics.requests)),
      "retries": .integer(Int64(statistics.retries)),
      "summary": [
        "changed": count(.changed), "unchanged": count(.unchanged), "failed": count(.failed), "undone": count(.undone),
        "undo_failed": count(.undoFailed), "unknown": count(.unknown),
      ],
      "apis": .array(changes.apis.map(Self.entry)),
      "others": .array(
        changes.others.map { other in
          [
            "operation": .string(other.operation), "count": .integer(Int64(other.count)),
            "state": other.isUnknown ? "unknown" : "changed",
          ]
        }),
      "error": error ?? .null,
      "value": value,
      "output": .array(output),
    ]
  }

  /// Seconds, to the millisecond.
  private func milliseconds(_ duration: Duration) -> Double { (duration / .milliseconds(1)).rounded() / 1000 }

  private func count(_ state: APIChange.State) -> Document {
    .integer(Int64(changes.apis.filter { $0.state == state }.count))
  }

  /// What a run did to one API.
  static func entry(_ change: APIChange) -> Document {
    var members: [String: Document] = [
      "gateway": .string(change.gateway), "api": .string(change.apiID),
      "name": change.apiName.map(Document.string) ?? .null,
      "env": change.environmentID.map(Document.string) ?? .null, "before": version(change.before),
      "after": version(change.after), "state": .string(change.state.rawValue),
    ]
    if let error = change.error {
      members["error"] = [
        "kind": .string(error.kind.rawValue), "code": error.code.map { .string($0.rawValue) } ?? .null,
        "message": .string(error.message),
      ]
    }
    if let note = change.note { members["note"] = .string(note) }
    return .object(members)
  }

  private static func version(_ version: RunningVersion) -> Document {
    switch version {
    case .notRead, .none: return .null
    case .published(let since): return ["publish_time": .string(since)]
    case .version(let id, let number):
      return ["version_id": .string(id), "version_no": number.map(Document.string) ?? .null]
    }
  }
}
