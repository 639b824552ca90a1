internal import GatewayAPI
internal import GatewayClient
internal import GatewayScripting
internal import LuaRuntime
internal import ReleaseEngine
internal import Synchronization

/// Hands what a session's script says to the reporter of the input that runs, and counts what that input does.
final class SessionOutput: ScriptOutput {
  /// What one input did.
  struct Doings: Sendable {
    /// Gateway functions it called, in order.
    var calls: [String] = []
    /// What became of each API, one step after the other.
    var changes: [APIChange] = []
    /// Whether it changed something that is no release: a draft, a group.
    var hasOtherChanges = false

    var isEmpty: Bool { changes.isEmpty && !hasOtherChanges }
  }

  private static let releases: Set<String> = [
    Publish.descriptor.name, Offline.descriptor.name, SwitchVersion.descriptor.name, Batch.descriptor.name,
  ]

  private struct State {
    var reporter: RunReporter?
    var doings = Doings()
  }

  private let state = Mutex(State())

  func begin(_ reporter: RunReporter) {
    state.withLock { state in
      state.reporter = reporter
      state.doings = Doings()
    }
  }

  /// - Returns: what was done since ``begin(_:)``.
  func end() -> Doings {
    state.withLock { state in
      state.reporter = nil
      return state.doings
    }
  }

  func noteCall(_ function: String) { state.withLock { $0.doings.calls.append(function) } }

  func handle(_ event: RunEvent) {
    let reporter = state.withLock { state in
      switch event {
      case .didChange(let change, _): state.doings.changes.append(change)
      case .willChange(let operation, _, _, _) where !Self.releases.contains(operation):
        state.doings.hasOtherChanges = true
      default: break
      }
      return state.reporter
    }
    reporter?.handle(event)
  }

  func handle(_ event: ClientEvent) { reporter?.handle(event) }

  private var reporter: RunReporter? { state.withLock(\.reporter) }

  // MARK: - Script output

  func print(_ text: LuaString) { reporter?.print(text) }
  func log(_ level: ScriptLogLevel, _ message: String) { reporter?.log(level, message) }
  func report(_ table: ReportTable) { reporter?.report(table) }
  func report(markdown text: String) { reporter?.report(markdown: text) }
  func report(value: Document) { reporter?.report(value: value) }
  func note(_ event: ScriptEvent) { reporter?.note(event) }
}
