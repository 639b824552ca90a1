internal import GatewayAPI
internal import ReleaseEngine

/// The table at the end of a run: what was and what is, the bad ones first.
struct ChangeReport {
  let changes: RunChanges
  let style: Style

  var text: String {
    let ordered = changes.apis.filter { $0.state != .unchanged }.sorted { rank($0) < rank($1) }
    guard !ordered.isEmpty else { return "" }
    let showsStates = ordered.contains { $0.state != .changed }
    let rows = ordered.map { change in
      [change.apiName ?? change.apiID, label(change.before), label(change.after)]
        + (showsStates ? [state(change)] : [])
    }
    return TextTable(columns: ["API", "was", "now"] + (showsStates ? ["state"] : []), rows: rows).text
  }

  /// "3 published to RELEASE, 1 failed"
  var summary: String {
    var parts: [String] = []
    for (verb, count) in counts(of: .changed, verb: verb) { parts.append("\(count) \(verb)") }
    let failed = changes.apis.filter { $0.state == .failed }.count
    let unknown = changes.apis.filter { $0.state == .unknown }.count
    if failed > 0 { parts.append("\(failed) failed") }
    if unknown > 0 { parts.append("\(unknown) unknown") }
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
    case .version(let id, let number): number ?? id
    }
  }

  private func state(_ change: APIChange) -> String {
    guard let error = change.error else { return change.state.rawValue }
    return "\(change.state.rawValue): \(error.code.map { "\($0) " } ?? "")\(error.message)"
  }

  private func rank(_ change: APIChange) -> Int {
    switch change.state {
    case .unknown: 0
    case .failed: 1
    case .changed: 2
    case .unchanged: 3
    }
  }
}
