internal import Foundation

/// Asks a person at the terminal; there is none where input or messages go elsewhere, or asking is forbidden.
struct TerminalPrompt: Sendable {
  init?(_ settings: Settings) {
    guard StandardStream(descriptor: 0).isTerminal, StandardStream.error.isTerminal,
      settings.variables["APIG_NO_INPUT"] == nil
    else {
      return nil
    }
  }

  /// Asks until one of the words is typed.
  ///
  /// - Returns: nil when the input ends.
  func choose(_ question: String, of words: [String]) async -> String? {
    while true {
      StandardStream.error.write(question)
      guard let line = await Self.line() else { return nil }
      let word = line.trimmingCharacters(in: .whitespaces).lowercased()
      if words.contains(word) { return word }
    }
  }

  /// A line of standard input, read where nothing else waits.
  @concurrent private static func line() async -> String? { readLine() }
}
