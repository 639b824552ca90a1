/// The command of a session's run, as the journal has it.
enum SessionCommand {
  private static let word = "repl"

  static func text(script: String?) -> String { [word, script].compactMap(\.self).joined(separator: " ") }

  /// Whether a run, or the holder of a lock, is a session: it cannot be resumed.
  static func isMeant(by command: String) -> Bool { command == word || command.hasPrefix(word + " ") }
}
