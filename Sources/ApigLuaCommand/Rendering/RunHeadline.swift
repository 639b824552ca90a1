internal import GatewayAPI
internal import ReleaseEngine

/// The one line that says how a run ended, before the commands that go on from there.
struct RunHeadline {
  let changes: RunChanges
  /// ``ChangeReport/summary``
  let summary: String
  let seconds: Double
  /// When the run first looked: what was undone runs what it ran then.
  let startedAt: Timestamp
  /// The wave in which it failed: "2/4".
  let failedWave: String?
  /// What an earlier process of the run had done: "2 before, 1 settled".
  let history: String?
  let moment: MomentText

  /// "failed in wave 3/4, everything undone: RELEASE runs what it ran at 10:14:55   exit 4"; empty when there is nothing
  /// to say.
  func text(_ status: ExitStatus) -> String {
    let exit = "   exit \(status.rawValue)"
    let place = failedWave.map { "failed in wave \($0), " } ?? ""
    switch status {
    case .undone:
      return "\(place)everything undone: \(environments) what \(ranThen) at \(moment(startedAt))\(exit)"
    case .undoIncomplete where changes.holdFailedUndos:
      let left = changes.apis.count { $0.state == .undoFailed }
      let all = left + changes.apis.count { $0.state == .undone }
      return "\(place)UNDO INCOMPLETE: \(left) of \(all) API\(all == 1 ? "" : "s") "
        + "\(left == 1 ? "does" : "do") not run what \(left == 1 ? "it" : "they") ran before\(exit)"
    case .ok, .differences: return summary.isEmpty ? "" : "\(summary)\(earlier) in \(tenths)s"
    case .refused where summary.isEmpty: return "nothing was changed\(exit)"
    default: return summary.isEmpty ? "" : "\(place)\(summary)\(earlier) in \(tenths)s\(exit)"
    }
  }

  private var earlier: String { history.map { " (\($0))" } ?? "" }

  private var names: [String] {
    Set(changes.apis.filter { $0.state == .undone }.map { $0.environmentName ?? $0.environmentID ?? "?" }).sorted()
  }

  /// "RELEASE runs"
  private var environments: String { names.joined(separator: " and ") + (names.count == 1 ? " runs" : " run") }

  private var ranThen: String { names.count == 1 ? "it ran" : "they ran" }

  private var tenths: String {
    let tenths = Int((seconds * 10).rounded())
    return "\(tenths / 10).\(tenths % 10)"
  }
}
