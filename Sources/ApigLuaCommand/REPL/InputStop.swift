internal import Glibc
internal import ReleaseEngine
internal import Synchronization

/// Ctrl-C in an input that runs: first what is on its way is waited for and nothing more is sent, the second time nobody
/// waits any more, the third ends the process. Behind the input's end it does nothing.
final class InputStop: Sendable {
  private struct State {
    var count = 0
    var cancel: (@Sendable () -> Void)?
  }

  private let gate: ChangeGate
  private let patience: Duration
  private let state: Mutex<State>

  /// - Parameters:
  ///   - gate: holds back what was not sent yet.
  ///   - patience: how long what was sent is waited for.
  ///   - cancel: ends the input.
  init(gate: ChangeGate, patience: Duration, cancel: @escaping @Sendable () -> Void) {
    self.gate = gate
    self.patience = patience
    state = Mutex(State(cancel: cancel))
  }

  var isRequested: Bool { state.withLock { $0.count > 0 } }

  /// The input's last part: a request from now on ends that.
  func next(_ cancel: @escaping @Sendable () -> Void) { state.withLock { $0 = State(cancel: cancel) } }

  /// Nothing is stopped any more, and nothing held back.
  func finish() {
    state.withLock { state in
      state.cancel = nil
      gate.open()
    }
  }

  func request() {
    // The gate is closed under the lock, so that nobody closes it behind the end.
    let (number, cancel) = state.withLock { state -> (Int, @Sendable () -> Void) in
      guard let cancel = state.cancel else { return (0, {}) }
      state.count += 1
      if state.count == 1 { gate.close() }
      return (state.count, cancel)
    }
    switch number {
    case 0: return
    case 1:
      Task {
        let end = ContinuousClock.now + patience
        while gate.isBusy, ContinuousClock.now < end { try? await Task.sleep(for: .milliseconds(10)) }
        cancel()
      }
    case 2: cancel()
    default:
      LiveRegion.leave()
      _exit(ExitStatus.interrupted.rawValue)
    }
  }
}
