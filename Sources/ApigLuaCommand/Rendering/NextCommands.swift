internal import GatewayAPI
internal import GatewayScripting
internal import ReleaseEngine

/// What to type next after a run.
struct NextCommands {
  let changes: RunChanges
  let run: String
  /// The gateway that commands work on by themselves; nil where that was said with the run.
  private let defaultGateway: String?
  /// The gateway of the run.
  private let gateway: String
  /// The script and its parameters as they can be typed again.
  private let script: String?

  init(changes: RunChanges, run: RunFacts, settings: Settings, script: String? = nil) {
    self.script = script
    self.changes = changes
    self.run = run.id
    gateway = settings.gatewayName
    let setting = settings.effective.first { $0.name == "gateway" }
    // Flag and variable are gone in the next shell.
    defaultGateway = ["--gateway", "APIG_GATEWAY"].contains(setting?.origin) ? nil : setting?.value
  }

  /// The words that make a command work on a gateway; empty where it does so by itself.
  private func option(for gateway: String) -> String {
    gateway == defaultGateway ? "" : "--gateway \(gateway.shellQuoted) "
  }

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
      let narrowed = "--only-failed-of \(run)"
      lines.append(
        script.map { "try the rest: apig-lua \(option(for: gateway))\(narrowed) \($0)" }
          ?? "try the rest: the same once more, with \(narrowed) before it")
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
    if changes.apis.contains(where: { $0.state == .undoFailed && $0.error?.code == .versionNotFound }) {
      lines.append("a version that the gateway no longer keeps is only in its definition, if the run read it:")
      lines.append("  apig-lua journal export \(run) --definitions")
    }
    return lines.map { "  \($0)\n" }.joined()
  }

  private func byHand(_ change: APIChange) -> String {
    let api = (change.apiName ?? change.apiID).shellQuoted
    let environment = (change.environmentName ?? change.environmentID ?? "?").shellQuoted
    let command = { (verb: String) in "apig-lua \(option(for: change.gateway))api \(verb) \(api) --env \(environment)" }
    switch change.before {
    case .version(let id, let number): return "\(command("switch")) --version \((number ?? id).shellQuoted)"
    case .none: return command("offline")
    case .published, .notRead: return command("history")
    }
  }
}
