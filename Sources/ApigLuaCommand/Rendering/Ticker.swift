internal import Dispatch

/// Calls a function again and again, on a queue of its own, until it is stopped.
final class Ticker: Sendable {
  // Only ever cancelled after it was resumed, which is safe from any thread.
  private nonisolated(unsafe) let source: any DispatchSourceTimer

  init(everyMilliseconds interval: Int, _ tick: @escaping @Sendable () -> Void) {
    source = DispatchSource.makeTimerSource(queue: DispatchQueue(label: "apig-lua.progress"))
    source.schedule(deadline: .now() + .milliseconds(interval), repeating: .milliseconds(interval))
    source.setEventHandler(handler: tick)
    source.resume()
  }

  func stop() { source.cancel() }

  deinit { source.cancel() }
}
