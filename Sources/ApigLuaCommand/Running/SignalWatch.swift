internal import Dispatch
internal import Glibc
internal import Synchronization

/// Turns Ctrl-C and SIGTERM into a clean stop; the second of them ends the process at once.
final class SignalWatch: Sendable {
  private let first = Mutex<Int32?>(nil)
  // The sources live as long as the watch; they are only ever resumed and cancelled, which is safe from any thread.
  private nonisolated(unsafe) let sources: [any DispatchSourceSignal]

  /// - Parameter onStop: called once, for the first signal.
  init(onStop: @escaping @Sendable () -> Void) {
    let queue = DispatchQueue(label: "apig-lua.signals")
    sources = [SIGINT, SIGTERM].map { number in
      signal(number, SIG_IGN)
      return DispatchSource.makeSignalSource(signal: number, queue: queue)
    }
    for (number, source) in zip([SIGINT, SIGTERM], sources) {
      source.setEventHandler { [weak self] in
        guard let self else { return }
        let isFirst = self.first.withLock { received in
          guard received == nil else { return false }
          received = number
          return true
        }
        guard isFirst else {
          LiveRegion.leave()
          _exit(number == SIGINT ? 130 : 143)
        }
        onStop()
      }
      source.resume()
    }
  }

  /// The signal that asked for the stop, if one did.
  var received: Int32? { first.withLock(\.self) }

  /// The run goes on: the next signal is a first one again.
  func forget() { first.withLock { $0 = nil } }

  func stop() {
    for source in sources { source.cancel() }
  }
}
