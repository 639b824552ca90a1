internal import GatewayAPI

/// Looks for one kind of mistake.
protocol ScriptRule {
  func findings(in script: ScriptReading) -> [ScriptFinding]
}

extension ScriptReading {
  func finding(
    _ severity: ScriptFinding.Severity, _ rule: String, at range: Range<Int>, _ message: String, _ hint: String? = nil
  ) -> ScriptFinding {
    ScriptFinding(
      severity, rule: rule, start: text.position(at: range.lowerBound), end: text.position(at: range.upperBound),
      message: message, hint: hint)
  }

  /// "did you mean 'env'?", or what there is.
  func suggestion(for word: String, in known: [String], otherwise: String? = nil) -> String? {
    // Everything is near to a word of one letter or two.
    guard word.count > 2 else { return otherwise }
    return Suggestion.closest(to: word, in: known).map { "did you mean '\($0)'?" } ?? otherwise
  }
}

extension [String] {
  /// "'a', 'b' or 'c'"
  var alternatives: String {
    let quoted = map { "'\($0)'" }
    guard let last = quoted.last, count > 1 else { return quoted.joined() }
    return quoted.dropLast().joined(separator: ", ") + " or " + last
  }
}
