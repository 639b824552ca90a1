internal import ReleaseEngine

/// What to type next after a run.
struct NextCommands {
  let changes: RunChanges
  let run: String

  /// - Parameters:
  ///   - isResumable: whether the run can go on where it stopped.
  ///   - isSignalled: whether a person or the system asked it to stop.
  func text(_ status: ExitStatus, isResumable: Bool, isSignalled: Bool) -> String {
    if status == .undoIncomplete { return undoIncomplete }
    var lines: [String] = []
    if isResumable, changes.areKept || isSignalled {
      lines.append("go on: apig-lua resume \(run)     undo: apig-lua rollback \(run)")
    } else if changes.apis.contains(where: { $0.state == .changed || $0.state == .unknown }) {
      lines.append("undo: apig-lua rollback \(run)")
    }
    if changes.apis.contains(where: { $0.state == .failed || $0.state == .undone }), !isResumable {
      lines.append("try those again: put --only-failed-of \(run) before the script")
    }
    if changes.holdFailures || changes.holdUndone {
      lines.append("what happened: apig-lua journal show \(run)")
    }
    return lines.map { "  \($0)\n" }.joined()
  }

  /// For somebody who has to put right what could not be undone.
  var undoIncomplete: String {
    var lines = ["again:   apig-lua rollback \(run) --only-failed"]
    for change in changes.apis where change.state == .undoFailed { lines.append("by hand: \(byHand(change))") }
    return lines.map { "  \($0)\n" }.joined()
  }

  private func byHand(_ change: APIChange) -> String {
    let api = change.apiName ?? change.apiID
    let environment = change.environmentName ?? change.environmentID ?? "?"
    switch change.before {
    case .version(let id, let number):
      return "apig-lua api switch \(api) --env \(environment) --version \(number ?? id)"
    case .none: return "apig-lua -e 'apig.offline { api = \"\(api)\", env = \"\(environment)\" }'"
    case .published, .notRead:
      return "apig-lua -e 'for _, v in ipairs(apig.history { api = \"\(api)\", env = \"\(environment)\" }) do "
        + "print(v.version_no, v.publish_time, v.status) end'"
    }
  }
}
