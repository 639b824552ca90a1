import CLuaShims

/// Raises a run's deadline, and finds out when the thread no longer hears.
///
/// Three kinds of instruction of a stock interpreter can take seconds, and no hook runs meanwhile: colliding keys in a
/// table, long `__call` chains, and the collector's atomic phase over weak-keyed tables.
struct Watchdog {
  /// How long a thread may take to notice that it is to stop.
  private static let grace = Duration.milliseconds(500)
  private static let interval = Duration.milliseconds(200)

  let signal: StopSignal
  let limits: LuaLimits
  let thread: LuaThread

  /// The error to end the run with; nil when the task is cancelled, which it is with the end of the run.
  @concurrent func error() async -> LuaError? {
    let start = ContinuousClock.now, luaStart = timeInLua
    var stopped: (at: ContinuousClock.Instant, stretch: Int64)?
    while true {
      let untilDeadline = limits.deadline.map { $0 - (.now - start) } ?? Self.interval
      let isSleepDone: ()? = try? await Task.sleep(
        for: untilDeadline > .zero ? min(Self.interval, untilDeadline) : Self.interval)
      guard isSleepDone != nil else { return nil }
      if let deadline = limits.deadline, .now - start >= deadline { signal.raise(CLUA_STOP_DEADLINE) }
      if let limit = limits.luaTime, timeInLua - luaStart > limit { signal.raise(CLUA_STOP_TIME) }
      // Only a stretch in Lua that has lasted since the signal counts: host functions may take their time to end.
      guard signal.reason != CLUA_STOP_NONE, let stretch = signal.inLuaSince else {
        stopped = nil
        continue
      }
      if let stopped, stopped.stretch == stretch {
        if .now - stopped.at >= Self.grace { return error(for: signal.reason) }
      } else {
        stopped = (.now, stretch)
      }
    }
  }

  /// Processor time, without what the thread has done for the host.
  private var timeInLua: Duration { thread.processorTime - .nanoseconds(thread.timeInTasks) }

  private func error(for reason: Int) -> LuaError {
    var error = LuaError(stop: reason, limits: limits)
    error.message += " inside a step of the interpreter that can't be interrupted; its thread was given up"
    return error
  }
}
