extension ScriptWords {
  /// The command line that most are: a script, or `-e CODE`, and parameters; no option of ours.
  ///
  /// What the parser makes of it is the same, and takes the parser longer than a short script runs.
  ///
  /// - Returns: nil for a command line that the parser has to read.
  init?(plain arguments: [String]) {
    guard let first = arguments.first, !arguments.contains(where: Self.isForParser) else { return nil }
    if first == "-e" {
      guard arguments.count > 1, !arguments[1].hasPrefix("-"), arguments.count == 2 || !arguments[2].hasPrefix("-")
      else { return nil }
      self.init(code: arguments[1], words: Array(arguments[2...]))
    } else {
      guard !first.hasPrefix("-"), !Self.isCommand(first) else { return nil }
      self.init(words: arguments)
    }
  }

  /// Words that the parser itself would stop at, wherever they stand.
  private static func isForParser(_ word: String) -> Bool {
    guard word.hasPrefix("-"), word != "-e" else { return false }
    guard word.hasPrefix("--"), let first = word.dropFirst(2).first else { return true }
    return !first.isLetter || word.hasPrefix("--generate-completion-script")
  }

  private static func isCommand(_ word: String) -> Bool {
    // Files and entry points of packages have one of these, and no command has: the commands need not be made.
    guard !word.utf8.contains(where: { $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "/") }) else { return false }
    return word == "help" || ApigLua.commandNames.contains(word)
  }
}
