internal import GatewayAPI
internal import Synchronization

/// Gives requests their turn: so many in flight, no faster than the rate, undo first.
final class RequestScheduler: Sendable {
  typealias Instant = ContinuousClock.Instant

  private struct State {
    var queue: AdmissionQueue
    var nextID: UInt64 = 0
    var waiters: [UInt64: CheckedContinuation<Void, any Error>] = [:]
    /// Cancelled before they came to wait.
    var abandoned: Set<UInt64> = []
    var alarm: (at: Instant, task: Task<Void, Never>)?
  }

  private let state: Mutex<State>
  private let time: MonotonicTime

  init(places: Int, rate: RequestRate?, time: MonotonicTime = MonotonicTime()) {
    self.time = time
    state = Mutex(State(queue: AdmissionQueue(places: places, rate: RateControl(rate))))
  }

  /// How long requests waited for the rate, in all, and the limit that is known.
  var facts: (heldBack: Duration, ceiling: RequestRate?) {
    state.withLock { ($0.queue.heldBack, $0.queue.rate.ceiling) }
  }

  /// Waits for a turn, runs the operation, and gives the place back.
  ///
  /// - Parameter operation: gets the moment of its turn.
  /// - Throws: `CancellationError` when the task is cancelled while it waits; what the operation throws.
  func withTurn<Value: Sendable>(_ operation: (Instant) async throws -> Value) async throws -> Value {
    try await takeTurn(RequestUrgency.current)
    defer { change { $0.finish() } }
    return try await operation(time.now())
  }

  func throttle(sent: Instant, stated: RequestRate?, pause: Duration?) {
    change { $0.throttle(sent: sent, now: time.now(), stated: stated, pause: pause) }
  }

  func succeed() { change { $0.succeed() } }

  private func takeTurn(_ urgency: RequestUrgency) async throws {
    try Task.checkCancellation()
    let id = state.withLock { state in
      state.nextID += 1
      return state.nextID
    }
    defer { state.withLock { _ = $0.abandoned.remove(id) } }
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
        let isAbandoned = state.withLock { state in
          if state.abandoned.contains(id) { return true }
          state.waiters[id] = continuation
          state.queue.wait(id, urgency: urgency)
          return false
        }
        if isAbandoned { continuation.resume(throwing: CancellationError()) } else { change { _ in } }
      }
    } onCancel: {
      let waiter = state.withLock { state -> CheckedContinuation<Void, any Error>? in
        if state.queue.leave(id) { return state.waiters.removeValue(forKey: id) }
        // Not waiting yet, or served already.
        state.abandoned.insert(id)
        return nil
      }
      waiter?.resume(throwing: CancellationError())
    }
  }

  /// Changes the queue, and lets in whoever may go then.
  private func change(_ change: (inout AdmissionQueue) -> Void) {
    let admitted = state.withLock { state in
      change(&state.queue)
      let (ids, next) = state.queue.admit(time.now())
      setAlarm(next, &state)
      return ids.compactMap { state.waiters.removeValue(forKey: $0) }
    }
    for waiter in admitted { waiter.resume() }
  }

  private func setAlarm(_ moment: Instant?, _ state: inout State) {
    guard let moment else { return }
    if let alarm = state.alarm, alarm.at <= moment { return }
    state.alarm?.task.cancel()
    let task = Task { [weak self, time] in
      guard (try? await time.sleep(max(.zero, moment - time.now()))) != nil else { return }
      self?.ring(moment)
    }
    state.alarm = (moment, task)
  }

  private func ring(_ moment: Instant) {
    state.withLock { if $0.alarm?.at == moment { $0.alarm = nil } }
    change { _ in }
  }
}
