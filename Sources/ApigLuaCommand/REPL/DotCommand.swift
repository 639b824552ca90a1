internal import GatewayAPI

/// A command of the session itself; no statement of Lua begins with a dot and a letter.
enum DotCommand: String, CaseIterable {
  case help, env, gateway, write, plan, apply, undo, history, save, load, type, json, time, quit

  /// The words behind the name, in help.
  var usage: String {
    switch self {
    case .help, .apply, .undo, .history, .quit: ".\(rawValue)"
    case .env, .gateway: ".\(rawValue) [NAME]"
    case .write: ".write [off]"
    case .plan: ".plan [on|off|again]"
    case .save, .load: ".\(rawValue) FILE"
    case .type, .json, .time: ".\(rawValue) EXPRESSION"
    }
  }

  var summary: String {
    switch self {
    case .help: "this list"
    case .env: "the default environment: shows or changes it"
    case .gateway: "the gateway: shows or changes it"
    case .write: "allows changes of what is protected, each asked for; off: forbids them"
    case .plan: "on: inputs only show what they would do; again: on what runs now; off: drops that"
    case .apply: "does what was planned, input by input"
    case .undo: "undoes the last input that changed something"
    case .history: "what was typed in this session"
    case .save: "writes the inputs that made calls as a playbook"
    case .load: "runs a file as if it were typed"
    case .type: "what a value is"
    case .json: "a value as JSON"
    case .time: "how long an expression takes"
    case .quit: "ends the session; Ctrl-D does, too"
    }
  }

  /// Whether a line is meant to be one: `.5` is a number.
  static func isMeant(by line: String) -> Bool {
    let text = line.drop(while: \.isWhitespace)
    return text.first == "." && (text.dropFirst().first?.isLetter ?? false)
  }

  /// - Returns: the command and what stands behind it.
  /// - Throws: ``UsageError`` for an unknown one, with a suggestion.
  static func parse(_ line: String) throws -> (DotCommand, argument: String) {
    let words = line.trimmed.dropFirst().split(maxSplits: 1, whereSeparator: \.isWhitespace)
    let name = String(words.first ?? "")
    guard let command = DotCommand(rawValue: name) else {
      throw UsageError(
        message: "there is no command '.\(name)'",
        hint: Suggestion.closest(to: name, in: allCases.map(\.rawValue)).map { "did you mean '.\($0)'?" }
          ?? ".help lists them")
    }
    return (command, words.count > 1 ? words[1].trimmed : "")
  }
}
