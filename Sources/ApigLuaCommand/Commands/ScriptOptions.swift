internal import ArgumentParser
internal import GatewayAPI

/// Which script, and what it is given.
struct ScriptOptions: ParsableArguments {
  @Option(name: .customShort("e"), help: ArgumentHelp("Runs this line instead of a file.", valueName: "code"))
  var code: String?

  @Option(
    name: [.customShort("p"), .customLong("param")],
    help: ArgumentHelp("A parameter of the script; may be repeated.", valueName: "name=value"))
  var parameters: [String] = []

  @Argument(
    parsing: .captureForPassthrough,
    help: ArgumentHelp("The script (- for standard input) and its parameters.", valueName: "script"),
    completion: LiveCompletion.script)
  var words: [String] = []

  var typed: ScriptWords { ScriptWords(code: code, parameters: parameters, words: words) }
}

/// The same without the parser.
struct ScriptWords: Sendable, Hashable {
  /// The line of `-e`.
  var code: String?
  /// The values of `-p`.
  var parameters: [String] = []
  /// The script, unless there is a line, and its parameters.
  var words: [String]

  /// Whether there is neither a script nor a line.
  var namesNothing: Bool { code == nil && words.allSatisfy { $0 == "--" } }

  /// - Parameter help: the command's help, which lists its options; made for a word that may be one.
  /// - Throws: ``UsageError`` when there is no script, or an unknown option in its place.
  func scriptAndArguments(help: @autoclosure () -> String) throws -> (ScriptSource, [String]) {
    // What stands behind `--` is captured with it.
    let words = words.first == "--" ? Array(words.dropFirst()) : words
    if let code { return (.line(code), words) }
    if let script = words.first {
      try refuseUnknownOption(script, help)
      let arguments = words.dropFirst()
      return (
        script == "-" ? .standardInput : .file(script),
        Array(arguments.first == "--" ? arguments.dropFirst() : arguments)
      )
    }
    guard !StandardStream(descriptor: 0).isTerminal else {
      throw UsageError(message: "no script is given", hint: "apig-lua SCRIPT, apig-lua -e CODE, or apig-lua --help")
    }
    return (.standardInput, [])
  }

  /// Everything behind the first unknown word is the script's, so a mistyped option arrives here.
  private func refuseUnknownOption(_ word: String, _ help: () -> String) throws {
    guard word.hasPrefix("-"), word != "-" else { return }
    let name = word.prefix { $0 != "=" }
    let known = help().split { !($0.isLetter || $0 == "-") }.filter { $0.hasPrefix("-") }.map(String.init)
    throw UsageError(
      message: "unknown option '\(name)'",
      hint: Suggestion.closest(to: String(name), in: known).map { "did you mean '\($0)'?" }
        ?? "apig-lua run --help lists them")
  }
}

/// Whether what stands behind a script asks for the script's own help.
func asksForHelp(_ arguments: [String]) -> Bool { arguments.contains { $0 == "--help" || $0 == "-h" } }

/// The values of `-p`.
///
/// - Throws: ``UsageError`` for what is no `NAME=VALUE`.
func namedParameters(_ texts: [String]) throws -> [(name: String, value: String)] {
  try texts.map { text in
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, !parts[0].isEmpty else {
      throw UsageError(message: "-p takes NAME=VALUE, not '\(text)'")
    }
    return (String(parts[0]), String(parts[1]))
  }
}
