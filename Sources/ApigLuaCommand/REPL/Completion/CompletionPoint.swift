internal import GatewayAPI

/// What stands at the cursor of an input that is being typed.
enum CompletionPoint: Sendable, Hashable {
  /// The name of a dot command.
  case dotCommand(prefix: String)
  /// What stands behind a dot command's name.
  case dotArgument(command: String, prefix: String)
  /// A name behind `?`.
  case manual(prefix: String)
  /// A global name.
  case name(prefix: String)
  /// A field or method of what a path of names leads to.
  case field(path: [String], prefix: String)
  /// The name of an option in the braces of a call, and those that stand there already.
  case option(function: String, prefix: String, used: Set<String>)
  /// Text behind a quotation mark: an option's value, or, without an option, the argument itself.
  case value(function: String, option: String?, prefix: String, quote: Character)
  /// Nothing that anybody knows names for: a comment, other text, a number.
  case nothing

  /// - Parameter text: the whole input up to the cursor, earlier lines included.
  init(_ text: String) {
    let line = text.drop(while: \.isWhitespace)
    if line.first == "?" {
      self = .manual(prefix: String(line.dropFirst()).trimmed)
    } else if line.first == ".", line.dropFirst().first?.isLetter ?? true, !line.contains("\n") {
      let words = line.dropFirst().split(maxSplits: 1, omittingEmptySubsequences: false, whereSeparator: \.isWhitespace)
      let command = String(words.first ?? "")
      if words.count < 2 {
        self = .dotCommand(prefix: command)
      } else if ["type", "json", "time"].contains(command) {
        self.init(lua: String(words[1]))
      } else {
        self = .dotArgument(command: command, prefix: String(words[1]))
      }
    } else {
      self.init(lua: text)
    }
  }

  private init(lua text: String) {
    var scanner = InputScanner(text)
    scanner.scan()
    self = scanner.point
  }
}
