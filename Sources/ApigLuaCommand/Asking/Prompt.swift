internal import Glibc

/// Questions on the terminal: asked on standard error, answered on standard input.
enum Prompt {
  /// Whether somebody can see a question and answer it.
  static var isPossible: Bool { StandardStream(descriptor: STDIN_FILENO).isTerminal && StandardStream.error.isTerminal }

  private static let questions = OpenQuestions()

  /// Asks, and waits for one line.
  ///
  /// A question that comes while another waits goes first; then the other is shown again.
  ///
  /// - Parameter deciding: called with the answer before the other is shown: what must hold by then.
  /// - Returns: the line without its end and the blanks around it; nil when the input has come to its end.
  /// - Throws: `CancellationError`.
  static func line(
    _ question: String, deciding: @escaping @Sendable (String?) -> Void = { _ in }
  ) async throws -> String? {
    // What is typed must not run into lines that are painted anew.
    LiveRegion.pause()
    let answer: Result<String?, any Error>
    do { answer = .success(try await questions.answer(to: question, deciding: deciding)) } catch {
      answer = .failure(error)
    }
    // Who answered has ended the line.
    LiveRegion.resume(atLineStart: (try? answer.get()) != nil)
    return try answer.get()
  }
}
