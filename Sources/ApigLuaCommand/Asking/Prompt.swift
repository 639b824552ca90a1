internal import Glibc
internal import NIOPosix
internal import Synchronization

/// Questions on the terminal: asked on standard error, answered on standard input.
///
/// A question that comes while another waits goes first; then the other is shown again.
enum Prompt {
  /// Whether somebody can see a question and answer it.
  static var isPossible: Bool { StandardStream(descriptor: STDIN_FILENO).isTerminal && StandardStream.error.isTerminal }

  /// Asks, and waits for one line.
  ///
  /// - Returns: the line without its end and the blanks around it; nil when the input has come to its end.
  /// - Throws: `CancellationError`.
  static func line(_ question: String) async throws -> String? {
    let reader = Reader(question)
    let line = try await withTaskCancellationHandler {
      // Off the threads that tasks need: a person takes their time.
      try await NIOThreadPool.singleton.runIfActive { reader.line() }
    } onCancel: {
      reader.cancel()
    }
    try Task.checkCancellation()
    return line
  }

  private static let waiting = Mutex<[ObjectIdentifier]>([])

  /// Reads as long as nobody cancels, while no newer question is open.
  private final class Reader: Sendable {
    private let question: String
    private let isCancelled = Mutex(false)

    init(_ question: String) { self.question = question }

    func cancel() { isCancelled.withLock { $0 = true } }

    func line() -> String? {
      let identity = ObjectIdentifier(self)
      Prompt.waiting.withLock { $0.append(identity) }
      // What is typed must not run into lines that are painted anew.
      LiveRegion.pause()
      var isAnswered = false
      defer { LiveRegion.resume(atLineStart: isAnswered) }
      defer { Prompt.waiting.withLock { $0.removeAll { $0 == identity } } }
      var bytes: [UInt8] = []
      var isShown = false
      while !isCancelled.withLock(\.self) {
        guard Prompt.waiting.withLock({ $0.last == identity }) else {
          isShown = false
          usleep(50_000)
          continue
        }
        if !isShown { StandardStream.error.write(question) }
        isShown = true
        var descriptor = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
        guard poll(&descriptor, 1, 100) > 0 else { continue }
        var byte: UInt8 = 0
        let count = read(STDIN_FILENO, &byte, 1)
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { return bytes.isEmpty ? nil : text(bytes) }
        if byte == UInt8(ascii: "\n") {
          isAnswered = true
          return text(bytes)
        }
        bytes.append(byte)
      }
      return nil
    }

    private func text(_ bytes: [UInt8]) -> String {
      let text = String(decoding: bytes, as: UTF8.self).drop(while: \.isWhitespace)
      return String(text.reversed().drop(while: \.isWhitespace).reversed())
    }
  }
}
