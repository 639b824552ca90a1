internal import ArgumentParser

extension RunCommand {
  /// The command line that most are: a script, or `-e CODE`, and parameters; no option of ours.
  ///
  /// What the parser makes of it is the same, and takes the parser longer than a short script runs.
  ///
  /// - Returns: nil for a command line that the parser has to read.
  init?(plain arguments: [String]) {
    guard !arguments.contains(where: Self.isForParser) else { return nil }
    self.init(script: arguments)
  }

  private init?(script arguments: [String]) {
    var script = ScriptOptions()
    script.parameters = []
    if arguments.first == "-e" {
      guard arguments.count > 1, !arguments[1].hasPrefix("-"), arguments.count == 2 || !arguments[2].hasPrefix("-")
      else { return nil }
      script.code = arguments[1]
      script.words = Array(arguments[2...])
    } else {
      guard let word = arguments.first, !word.hasPrefix("-"), word != "help", !ApigLua.commandNames.contains(word)
      else { return nil }
      script.code = nil
      script.words = arguments
    }
    self.init()
    self.script = script
    options = .unset
    dryRun = false
    isInteractive = false
  }

  /// Words that the parser itself would stop at, wherever they stand.
  private static func isForParser(_ word: String) -> Bool {
    guard word.hasPrefix("-"), word != "-e" else { return false }
    guard word.hasPrefix("--"), let first = word.dropFirst(2).first else { return true }
    return !first.isLetter || word.hasPrefix("--generate-completion-script")
  }
}
