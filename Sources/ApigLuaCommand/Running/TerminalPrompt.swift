/// Asks a person at the terminal; there is none where input or messages go elsewhere, or asking is forbidden.
struct TerminalPrompt: Sendable {
  init?(_ settings: Settings) {
    guard !settings.asksNobody, Prompt.isPossible else { return nil }
  }

  /// Asks until one of the words is typed.
  ///
  /// - Returns: nil when the input ends.
  func choose(_ question: String, of words: [String]) async -> String? {
    while true {
      guard let line = try? await Prompt.line(question) else { return nil }
      if words.contains(line.lowercased()) { return line.lowercased() }
    }
  }
}
