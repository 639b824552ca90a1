internal import GatewayAPI
internal import ReleaseEngine
internal import RunJournal

/// Runs as a table, one line for each.
struct RunListing: Sendable {
  let style: Style
  let moment: MomentText

  /// - Parameter runs: each with what it did, in words.
  func text(_ runs: [(record: RunRecord, deeds: String)]) -> String {
    let rows = runs.map { run, deeds in
      [
        run.id, run.standing.rawValue + (run.exitCode.map { ", exit \($0)" } ?? ""), moment(run.startedAt),
        [run.gateway, run.environment].compactMap(\.self).joined(separator: "/"), run.user, run.command,
        deeds.isEmpty ? style.none : deeds,
      ]
    }
    return TextTable(columns: ["run", "state", "began", "gateway", "by", "command", "did"], rows: rows, indent: "").text
  }

  /// The same for machines.
  static func table(_ runs: [(record: RunRecord, deeds: String)]) -> DataTable {
    DataTable(
      columns: ["run", "state", "exit", "started", "gateway", "env", "user", "command", "did"],
      rows: runs.map { run, deeds in
        [
          run.id, run.standing.rawValue, run.exitCode.map(String.init) ?? "", run.startedAt.text, run.gateway,
          run.environment ?? "", run.user, run.command, deeds,
        ]
      })
  }

  /// "3 changed, 1 failed", by the summary that a run leaves at its end.
  static func deeds(_ summary: Document) -> String {
    APIChange.State.allCases.filter { $0 != .unchanged }.compactMap { state in
      guard let count = summary[state.rawValue]?.integerValue, count > 0 else { return nil }
      return "\(count) \(state.rawValue.replacing("_", with: " "))"
    }.joined(separator: ", ")
  }
}

extension RunDossier {
  /// "11 published to RELEASE, 1 unknown"
  func deeds(_ style: Style) -> String {
    ChangeReport(changes: changes, style: style).summary
  }
}
