internal import GatewayAPI
internal import LuaRuntime

/// Turns the text given for one parameter into its typed value.
struct ParameterConversion {
  let declaration: ParameterDeclaration
  let now: Timestamp

  func value(of text: String) throws(ParameterError) -> LuaValue {
    switch declaration.type {
    case .string, .env, .group, .api, .version, .file:
      guard declaration.type == .string || !text.isEmpty else { throw wrong(text, "a name") }
      try checkBounds(Double(text.count), text, unit: " characters")
      return .text(text)
    case .url:
      // A path is one of the local gateway's data plane, whose port differs from run to run.
      if text.hasPrefix("/"), !text.hasPrefix("//") { return .text(text) }
      guard let colon = text.firstRange(of: "://"), ["http", "https"].contains(text[..<colon.lowerBound]),
        !text[colon.upperBound...].isEmpty
      else { throw wrong(text, "a URL that begins with http:// or https://") }
      return .text(text)
    case .choice:
      guard declaration.words.contains(text) else {
        throw ParameterError(
          message: "\(declaration.flag) cannot be '\(text)'",
          hint: Suggestion.closest(to: text, in: declaration.words).map { "did you mean '\($0)'?" }
            ?? "it is one of \(declaration.words.joined(separator: ", "))")
      }
      return .text(text)
    case .integer:
      guard let number = Int64(text) else { throw wrong(text, "a whole number") }
      try checkBounds(Double(number), text)
      return .integer(number)
    case .number:
      guard let number = Double(text), number.isFinite else { throw wrong(text, "a number") }
      try checkBounds(number, text)
      return .number(number)
    case .boolean:
      guard ["true", "false", "yes", "no"].contains(text) else { throw wrong(text, "true or false") }
      return .boolean(text == "true" || text == "yes")
    case .list:
      let items = text.split(separator: ",").map { $0.trimmingSpaces }
      return .table(LuaTable(sequence: items.map { item in Int64(item).map(LuaValue.integer) ?? .text(item) }))
    case .duration:
      guard let seconds = DurationText.seconds(text) else { throw wrong(text, "a duration such as 90s, 5m or 1h30m") }
      return seconds
    case .time:
      guard let time = TimeText.timestamp(text, now: now) else {
        throw wrong(text, "a time such as 2026-11-20T10:00:00Z or \"2 hours ago\"")
      }
      return .text(time)
    }
  }

  /// A default may be given in the type's own form or as text.
  func value(ofDefault value: LuaValue) throws(ParameterError) -> LuaValue {
    if let text = value.stringValue { return try self.value(of: text) }
    switch (declaration.type, value) {
    case (.boolean, .boolean), (.list, .table): return value
    case (.integer, .integer), (.number, .integer), (.number, .number), (.duration, .integer), (.duration, .number):
      try checkBounds(value.numberValue ?? 0, "\(value.numberValue ?? 0)")
      return value
    default:
      throw ParameterError(
        message:
          "the default of parameter '\(declaration.name)' is a \(value.typeName), not a \(declaration.type.rawValue)",
        hint: "mend the script's apig.params")
    }
  }

  private func checkBounds(_ number: Double, _ text: String, unit: String = "") throws(ParameterError) {
    if let minimum = declaration.minimum, number < minimum {
      throw wrong(text, "at least \(plain(minimum))\(unit)")
    }
    if let maximum = declaration.maximum, number > maximum {
      throw wrong(text, "at most \(plain(maximum))\(unit)")
    }
  }

  private func plain(_ number: Double) -> String { Int64(exactly: number).map { "\($0)" } ?? "\(number)" }

  private func wrong(_ text: String, _ expected: String) -> ParameterError {
    let shown = text.count > 40 ? text.prefix(40) + "…" : text[...]
    let given = declaration.isSecret ? "" : ", not '\(shown)'"
    return ParameterError(message: "\(declaration.flag) must be \(expected)\(given)", hint: nil)
  }
}

extension StringProtocol {
  var trimmingSpaces: String {
    var text = self[...]
    while text.first == " " { text.removeFirst() }
    while text.last == " " { text.removeLast() }
    return String(text)
  }
}
