internal import GatewayAPI
internal import GatewayScripting

/// Whether a value that is known from the script alone is one that a function takes.
struct ValueCheck {
  struct Problem {
    /// What follows the name of the option: "must be …".
    let message: String
    var hint: String?
  }

  let value: StaticValue
  let scopes: Scopes

  init(_ value: StaticValue, _ scopes: Scopes) {
    self.value = value
    self.scopes = scopes
  }

  func problem(with type: ScriptType, maximumLength: Int? = nil) -> Problem? {
    guard isOfKind(type) else {
      return Problem(message: "must be a \(type.name), not a \(value.typeName)".withRightArticle, hint: hint(for: type))
    }
    switch (type, value) {
    case (.integer(let bounds?), .integer(let number)) where !bounds.contains(Int(clamping: number)):
      return Problem(message: "must be from \(bounds.lowerBound) to \(bounds.upperBound)")
    case (.integer, .float(let number)) where number.rounded() != number:
      return Problem(message: "must be a whole number")
    case (.duration, .integer(..<0)), (.duration, .float(..<0)): return Problem(message: "is negative")
    case (.references, .table(let items)) where items.isEmpty: return Problem(message: "is an empty list")
    default: break
    }
    guard let text = value.text else { return nil }
    return problem(withText: text, type, maximumLength)
  }

  private func problem(withText text: String, _ type: ScriptType, _ maximumLength: Int?) -> Problem? {
    switch type {
    case .choice(let words) where !words.contains(text):
      return Problem(
        message: "cannot be \"\(text)\"",
        hint: Suggestion.closest(to: text, in: words).map { "did you mean \"\($0)\"?" }
          ?? "it is one of \(words.map { "\"\($0)\"" }.joined(separator: ", "))")
    case .duration where Duration(text: text) == nil:
      return Problem(message: "is no duration: \"\(text)\"", hint: hint(for: type))
    case .url where !text.hasPrefix("/") && WebOrigin(of: text) == nil:
      return Problem(message: "is no URL: \"\(text)\"", hint: hint(for: type))
    case .reference, .id, .url:
      if text.isEmpty { return Problem(message: "is empty") }
    case .string:
      if let maximumLength, text.count > maximumLength {
        return Problem(message: "is \(text.count) characters long, at most \(maximumLength) are allowed")
      }
    default: break
    }
    return nil
  }

  private func isOfKind(_ type: ScriptType) -> Bool {
    switch (type, value) {
    case (.any, _), (_, .nil): true
    case (.string, .string), (.time, .string), (.url, .string), (.id, .string), (.choice, .string): true
    case (.boolean, .boolean): true
    case (.number, .integer), (.number, .float), (.integer, .integer), (.integer, .float): true
    case (.duration, .integer), (.duration, .float), (.duration, .string): true
    case (.function, .function), (.order, .function), (.order, .string): true
    case (.table, .table), (.file, .table), (.comparable, .table): true
    case (.file, .string), (.comparable, .string): true
    case (.list, .table(let items)), (.references, .table(let items)): items.allSatisfy { $0.name == nil }
    case (.names, .table(let items)): !items.contains { if case .position = $0.key { true } else { false } }
    case (.statuses, .integer), (.statuses, .table): true
    case (.reference(.version), .integer): true
    case (.reference, .string), (.reference, .table): true
    default: false
    }
  }

  private func hint(for type: ScriptType) -> String? {
    switch type {
    case .duration: "write seconds as a number, or \"90s\", \"5m\", \"1h30m\""
    case .url: "write https://HOST/PATH"
    case .references, .list: "write { … }"
    default: nil
    }
  }
}

extension String {
  /// "a integer" as one says it.
  fileprivate var withRightArticle: String {
    replacing("a api", with: "an api").replacing("a env", with: "an env").replacing("a integer", with: "an integer")
      .replacing("a HTTP", with: "an HTTP").replacing("be a \"", with: "be \"")
  }
}
