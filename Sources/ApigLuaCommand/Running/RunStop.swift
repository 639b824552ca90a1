internal import GatewayAPI
internal import ReleaseEngine
internal import Synchronization

/// What becomes of a run that is asked to stop: on a terminal the person is asked, elsewhere `--on-interrupt` says.
///
/// Nothing new is sent from the first signal on; what is on its way is waited for.
final class RunStop: Sendable {
  private struct State {
    var asking: Task<Void, Never>?
    var wantsUndo = false
    var undoProblem: (any Error)?
    var onGoingOn: @Sendable () -> Void = {}
  }

  private let script: Task<Document, any Error>
  private let gate: ChangeGate
  private let settings: Settings
  private let style: Style
  private let state = Mutex(State())

  init(script: Task<Document, any Error>, gate: ChangeGate, settings: Settings, style: Style) {
    self.script = script
    self.gate = gate
    self.settings = settings
    self.style = style
  }

  /// Whether the changes of the whole run are to be undone.
  var wantsUndo: Bool { state.withLock(\.wantsUndo) }

  /// Why an undo from outside the script could not be carried out.
  var undoProblem: (any Error)? {
    get { state.withLock(\.undoProblem) }
    set { state.withLock { $0.undoProblem = newValue } }
  }

  /// - Parameter action: called when the person lets the run go on.
  func onGoingOn(_ action: @escaping @Sendable () -> Void) { state.withLock { $0.onGoingOn = action } }

  /// The first signal came.
  func request() {
    gate.close()
    let asking = Task { await decide() }
    state.withLock { $0.asking = asking }
  }

  /// Returns when a person who is being asked has answered.
  func isSettled() async { await state.withLock(\.asking)?.value }

  private func decide() async {
    guard let prompt = TerminalPrompt(settings) else {
      if settings.onInterrupt == .rollback { state.withLock { $0.wantsUndo = true } }
      script.cancel()
      return
    }
    let end = ContinuousClock.now + settings.timeout
    while gate.isBusy, ContinuousClock.now < end { try? await Task.sleep(for: .milliseconds(20)) }
    let answer = await prompt.choose(
      "\n  stopped: nothing more is sent.  [r]oll back  [k]eep  [c]ontinue: ", of: ["r", "k", "c"]
    ) { [gate, onGoingOn = state.withLock(\.onGoingOn)] word in
      guard word == "c" else { return }
      gate.open()
      // By now: whoever sees the question that waited may want to stop anew.
      onGoingOn()
    }
    if answer == "c" { return }
    if answer == "r" { state.withLock { $0.wantsUndo = true } }
    script.cancel()
  }
}
