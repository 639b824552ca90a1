internal import GatewayAPI
internal import GatewayScripting
internal import LuaRuntime
internal import Synchronization

/// Keeps what a playbook under test writes, for the test to look at.
final class TrialOutput: ScriptOutput {
  private struct Kept {
    var output: [Document] = []
    var logs: [Document] = []
    /// Health checks that came to their end.
    var checks = 0
    var waitReason: String?
  }

  private let kept = Mutex(Kept())

  /// What `print` and `apig.report` wrote, as the result document has it.
  var output: [Document] { kept.withLock(\.output) }

  /// "warning: pay-a is left alone".
  var logs: [Document] { kept.withLock(\.logs) }

  /// What the wait that begins is for.
  var waitReason: String? { kept.withLock(\.waitReason) }

  /// How many health checks came to their end.
  var finishedChecks: Int { kept.withLock(\.checks) }

  func print(_ text: LuaString) {
    let line = text.description
    keep(.string(line.hasSuffix("\n") ? String(line.dropLast()) : line))
  }

  func log(_ level: ScriptLogLevel, _ message: String) {
    kept.withLock { $0.logs.append(.string("\(level.rawValue): \(message)")) }
  }

  func report(_ table: ReportTable) { keep(table.document) }
  func report(markdown text: String) { keep(.string(text)) }
  func report(value: Document) { keep(value) }

  func note(_ event: ScriptEvent) {
    kept.withLock { kept in
      switch event {
      case .waitBegan(_, let reason): kept.waitReason = reason
      case .healthChecked: kept.checks += 1
      default: break
      }
    }
  }

  private func keep(_ value: Document) { kept.withLock { $0.output.append(value) } }
}
