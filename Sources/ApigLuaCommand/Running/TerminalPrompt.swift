/// Asks a person at the terminal; there is none where input or messages go elsewhere, or asking is forbidden.
struct TerminalPrompt: Sendable {
  init?(_ settings: Settings) {
    guard !settings.asksNobody, Prompt.isPossible else { return nil }
  }

  /// Asks until one of the words is typed.
  ///
  /// - Parameter deciding: called with the word before a question that waited is shown again.
  /// - Returns: nil when the input ends.
  func choose(
    _ question: String, of words: [String], deciding: @escaping @Sendable (String) -> Void
  ) async -> String? {
    let word: @Sendable (String?) -> String? = { line in
      line.map { $0.lowercased() }.flatMap { words.contains($0) ? $0 : nil }
    }
    while true {
      guard let line = try? await Prompt.line(question, deciding: { word($0).map(deciding) }) else { return nil }
      if let word = word(line) { return word }
    }
  }
}
