internal import Dispatch
internal import Glibc
internal import Synchronization

/// What signals do to a session: Ctrl-C stops the input that runs, SIGTERM and a closed terminal end the session.
///
/// While a line is edited Ctrl-C is a key, and none of its signals comes.
final class SessionSignals: Sendable {
  private static let numbers = [SIGINT, SIGTERM, SIGHUP]

  private struct Received {
    var count = 0
    var isEnd = false
  }

  private let onInterrupt = Mutex<(@Sendable () -> Void)?>(nil)
  private let received = Mutex(Received())
  // They live as long as the watch; they are only ever resumed and cancelled, which is safe from any thread.
  private nonisolated(unsafe) let sources: [any DispatchSourceSignal]

  /// - Parameter onEnd: called for each signal that ends the session.
  init(onEnd: @escaping @Sendable () -> Void) {
    let queue = DispatchQueue(label: "apig-lua.session-signals")
    sources = Self.numbers.map { number in
      signal(number, SIG_IGN)
      return DispatchSource.makeSignalSource(signal: number, queue: queue)
    }
    for (number, source) in zip(Self.numbers, sources) {
      source.setEventHandler { [weak self] in
        self?.received.withLock { received in
          received.count += 1
          received.isEnd = received.isEnd || number != SIGINT
        }
        self?.onInterrupt.withLock(\.self)?()
        if number != SIGINT { onEnd() }
      }
      source.resume()
    }
  }

  /// How many have come so far: of inputs that are carried out one after the other, no more are begun behind one.
  var count: Int { received.withLock(\.count) }

  /// Whether one has come that ends the session.
  var isEnd: Bool { received.withLock(\.isEnd) }

  /// - Parameter action: what a signal does from now on; nil for nothing.
  func onInterrupt(_ action: (@Sendable () -> Void)?) { onInterrupt.withLock { $0 = action } }

  /// From now on the signals end the process, as they do without a session.
  func stop() {
    for source in sources { source.cancel() }
    for number in Self.numbers { signal(number, SIG_DFL) }
  }
}
