internal import GatewayAPI
internal import Synchronization

/// What a run under test and its test tell each other: where the run waits, and how it ended.
final class TrialTalk: Sendable {
  enum Event: Sendable {
    /// The run waits until it is told to go on.
    case waiting(seconds: Double, reason: String?)
    case ended(Result<Document, any Error>)
  }

  private struct State {
    var said: [Event] = []
    var listener: CheckedContinuation<Event, Never>?
    /// Those who wait, the one that was told of first first.
    var waiting: [CheckedContinuation<Void, Never>] = []
    /// Whether nobody listens any more.
    var isClosed = false
  }

  private let state = Mutex(State())

  /// Tells the test that the run waits, and returns when it may go on.
  func pause(_ seconds: Double, reason: String?) async {
    await withCheckedContinuation { continuation in
      let isClosed = state.withLock { state in
        if !state.isClosed { state.waiting.append(continuation) }
        return state.isClosed
      }
      if isClosed { continuation.resume() } else { say(.waiting(seconds: seconds, reason: reason)) }
    }
  }

  func end(_ result: Result<Document, any Error>) { say(.ended(result)) }

  /// Lets go on who waited first.
  func goOn() { state.withLock { $0.waiting.isEmpty ? nil : $0.waiting.removeFirst() }?.resume() }

  /// Lets all go on who wait, and whoever comes later at once: the test has ended.
  func close() {
    let waiting = state.withLock { state in
      state.isClosed = true
      defer { state.waiting = [] }
      return state.waiting
    }
    for continuation in waiting { continuation.resume() }
  }

  /// What is said next.
  func next() async -> Event {
    await withCheckedContinuation { continuation in
      let event = state.withLock { state -> Event? in
        guard state.said.isEmpty else { return state.said.removeFirst() }
        state.listener = continuation
        return nil
      }
      if let event { continuation.resume(returning: event) }
    }
  }

  private func say(_ event: Event) {
    let listener = state.withLock { state -> CheckedContinuation<Event, Never>? in
      defer { state.listener = nil }
      if state.listener == nil { state.said.append(event) }
      return state.listener
    }
    listener?.resume(returning: event)
  }
}
