internal import GatewayAPI
internal import ReleaseEngine

/// The table at the end of a run: what was and what is, the bad ones first.
struct ChangeReport {
  let changes: RunChanges
  let style: Style
  /// How many APIs that need nobody are listed, and the run whose journal has the others; all without.
  var limit: (count: Int, run: String)?

  /// Those that need someone stand apart, with what should be and why it is not.
  var text: String {
    let ordered = changes.apis.filter { $0.state != .unchanged }.sorted { $0.state.rank < $1.state.rank }
    let wrong = ordered.filter { $0.state == .undoFailed }
    let rest = ordered.filter { $0.state != .undoFailed }
    var tables: [String] = []
    if !wrong.isEmpty {
      let rows = wrong.map { change in
        subject(change) + [
          label(change.after), label(change.before), change.error?.reason ?? "it could not be undone",
        ]
      }
      tables.append(TextTable(columns: subjectColumns + ["runs now", "should run", "why"], rows: rows).text)
    }
    let bad = rest.filter(\.isBad)
    let listed = bad + rest.filter { !$0.isBad }.prefix(limit?.count ?? rest.count)
    if !listed.isEmpty { tables.append(table(listed)) }
    if let limit, listed.count < rest.count {
      let more = "  … and \(rest.count - listed.count) more: apig-lua journal show \(limit.run) lists them all\n"
      tables.append((tables.popLast() ?? "") + more)
    }
    return tables.joined(separator: "\n")
  }

  /// Every API, in the order in which they were first touched.
  var table: DataTable {
    DataTable(
      columns: ["gateway", "api", "name", "env", "before", "after", "state", "error"],
      rows: changes.apis.map { change in
        [
          change.gateway, change.apiID, change.apiName ?? "", change.environmentName ?? change.environmentID ?? "",
          change.before.name, change.after.name, change.state.rawValue, change.error?.reason ?? change.note ?? "",
        ]
      })
  }

  private func table(_ changes: [APIChange]) -> String {
    let showsStates = changes.contains { $0.state != .changed || $0.note != nil }
    let rows = changes.map { change in
      subject(change) + [label(change.before), label(change.after)] + (showsStates ? [state(change)] : [])
    }
    return TextTable(columns: subjectColumns + ["was", "now"] + (showsStates ? ["state"] : []), rows: rows).text
  }

  /// Where a run worked on several gateways, one of them is part of what a line is about.
  private var showsGateways: Bool { Set(changes.apis.map(\.gateway)).count > 1 }

  private var subjectColumns: [String] { showsGateways ? ["gateway", "API"] : ["API"] }

  private func subject(_ change: APIChange) -> [String] {
    (showsGateways ? [change.gateway] : []) + [change.apiName ?? change.apiID]
  }

  /// "3 published to RELEASE, 1 failed"
  var summary: String {
    // Nothing to join: a search of the whole binary, where it is the first that a run joins.
    if changes.apis.isEmpty, changes.others.isEmpty { return "" }
    var parts: [String] = []
    for (verb, count) in counts(of: .changed, verb: verb) { parts.append("\(count) \(verb)") }
    for (state, word) in [
      (APIChange.State.undone, "undone"), (.undoFailed, "not undone"), (.failed, "failed"), (.unknown, "unknown"),
    ] {
      let count = changes.apis.count { $0.state == state }
      if count > 0 { parts.append("\(count) \(word)") }
    }
    for other in changes.others {
      parts.append("\(other.count) \(other.operation)\(other.isUnknown ? " of unknown outcome" : "")")
    }
    return parts.joined(separator: ", ")
  }

  private func counts(of state: APIChange.State, verb: (APIChange) -> String) -> [(String, Int)] {
    var verbs: [String] = []
    var counts: [String: Int] = [:]
    for change in changes.apis where change.state == state {
      let word = verb(change)
      if counts[word] == nil { verbs.append(word) }
      counts[word, default: 0] += 1
    }
    return verbs.map { ($0, counts[$0] ?? 0) }
  }

  private func verb(_ change: APIChange) -> String {
    let place = change.environmentName ?? change.environmentID ?? "?"
    if case .none = change.after { return "taken off \(place)" }
    return change.operation == "switch_version" ? "switched in \(place)" : "published to \(place)"
  }

  private func label(_ version: RunningVersion) -> String {
    switch version {
    case .notRead: "?"
    case .none: style.none
    case .published(let since): "the one of \(since)"
    case .version(let id, let number): number ?? id
    }
  }

  private func state(_ change: APIChange) -> String {
    let reason = change.error.map { ": \($0.reason)" } ?? change.note.map { ", \($0)" } ?? ""
    return change.state.word + reason
  }
}

extension RunningVersion {
  /// What a table for machines has of it; empty for none.
  var name: String {
    switch self {
    case .notRead, .none: ""
    case .published(let since): since
    case .version(let id, let number): number ?? id
    }
  }
}

extension APIChange.State {
  /// The worst first.
  var rank: Int {
    switch self {
    case .undoFailed: 0
    case .unknown: 1
    case .failed: 2
    case .undone: 3
    case .changed: 4
    case .unchanged: 5
    }
  }

  fileprivate var word: String {
    switch self {
    case .undoFailed: "not undone"
    default: rawValue
    }
  }
}
