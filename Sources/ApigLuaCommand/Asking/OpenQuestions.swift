internal import GatewayAPI
internal import Dispatch
internal import Glibc
internal import Synchronization

/// The questions that wait for a line of standard input, the newest last: it is the one that is shown and answered.
///
/// ```
///   asked ──▶ shown ──▶ answered, withdrawn, or input at its end
///     ▲         │
///     └─────────┘ a newer one is asked
/// ```
final class OpenQuestions: Sendable {
  private struct Question: Sendable {
    let id: UInt64
    let text: String
    let answer: CheckedContinuation<String?, any Error>
    let deciding: @Sendable (String?) -> Void
    /// What has been typed for it.
    var line: [UInt8] = []
  }

  private struct State {
    var open: [Question] = []
    var nextID: UInt64 = 0
    /// The one that is on the screen.
    var shown: UInt64?
    var isListening = false
  }

  private let state = Mutex(State())
  /// Here alone the terminal is written and read.
  private let queue = DispatchQueue(label: "apig-lua.questions")
  // Suspended while no question is open, so that nothing is read that is meant for somebody else. It is resumed and
  // suspended on the queue alone, and lives as long as the process.
  private nonisolated(unsafe) let input: any DispatchSourceRead

  init() {
    input = DispatchSource.makeReadSource(fileDescriptor: STDIN_FILENO, queue: queue)
    input.setEventHandler { [weak self] in self?.read() }
  }

  /// - Parameter deciding: called with the answer before a question that waited is shown again.
  /// - Returns: nil when the input has come to its end.
  /// - Throws: `CancellationError`.
  func answer(to text: String, deciding: @escaping @Sendable (String?) -> Void) async throws -> String? {
    let id = state.withLock { state in
      state.nextID += 1
      return state.nextID
    }
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        let isAsked = state.withLock { state in
          if Task.isCancelled { return false }
          state.open.append(Question(id: id, text: text, answer: continuation, deciding: deciding))
          return true
        }
        if isAsked { queue.async { self.show() } } else { continuation.resume(throwing: CancellationError()) }
      }
    } onCancel: {
      let withdrawn = state.withLock { state in
        state.open.firstIndex { $0.id == id }.map { state.open.remove(at: $0) }
      }
      withdrawn?.answer.resume(throwing: CancellationError())
      queue.async { self.show() }
    }
  }

  /// Shows the newest question, unless it is what was shown last, and listens as long as there is one.
  private func show() {
    let (text, wasListening, listens) = state.withLock { state -> (String?, Bool, Bool) in
      let newest = state.open.last
      defer {
        state.shown = newest?.id
        state.isListening = newest != nil
      }
      return (state.shown == newest?.id ? nil : newest?.text, state.isListening, newest != nil)
    }
    if let text { StandardStream.error.write(text) }
    if listens, !wasListening { input.resume() }
    if wasListening, !listens { input.suspend() }
  }

  /// Takes one byte for the newest question: what follows its line is another's.
  private func read() {
    guard state.withLock({ !$0.open.isEmpty }) else { return }
    var byte: UInt8 = 0
    let count = Glibc.read(STDIN_FILENO, &byte, 1)
    if count < 0, errno == EINTR || errno == EAGAIN { return }
    let answered = state.withLock { state -> (Question, String?)? in
      guard let place = state.open.indices.last else { return nil }
      if count > 0, byte != UInt8(ascii: "\n") {
        state.open[place].line.append(byte)
        return nil
      }
      let question = state.open.remove(at: place)
      return (question, count > 0 || !question.line.isEmpty ? Self.text(question.line) : nil)
    }
    guard let answered else { return }
    answered.0.deciding(answered.1)
    answered.0.answer.resume(returning: answered.1)
    show()
  }

  private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self).trimmed }
}
