/// Reads the beginning of a chunk as far as completion needs it: names, texts, brackets and what stands before them.
struct InputScanner {
  private enum Token: Hashable {
    case name(String)
    case symbol(Character)
    case text
    case number
  }

  private struct Bracket {
    let opening: Character
    /// The tokens in it so far.
    var tokens: [Token] = []
    /// The function whose options or arguments stand in it; nil when there is none.
    var function: String?
    /// The option whose list it is, of the function around it.
    var option: String?
    /// Options that stand in it already.
    var used: Set<String> = []
  }

  private enum Open {
    case comment
    case text(String, quote: Character)
    /// A text that no name can stand in.
    case otherText
  }

  private var rest: Substring
  private var brackets = [Bracket(opening: "^")]
  private var open: Open?

  init(_ text: String) { rest = text[...] }

  mutating func scan() {
    while let character = rest.first {
      if rest.hasPrefix("--") {
        comment()
      } else if character == "\"" || character == "'" {
        text(character)
      } else if character == "[", let level = longBracketLevel(rest) {
        longText(level)
      } else if character.isLetter || character == "_" {
        let name = rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
        rest = rest[name.endIndex...]
        add(.name(String(name)))
      } else if character.isNumber {
        rest = rest.drop { $0.isLetter || $0.isNumber || $0 == "." }
        add(.number)
      } else {
        rest.removeFirst()
        if !character.isWhitespace { symbol(character) } else { separate() }
      }
      if open != nil { return }
    }
  }

  // MARK: - What stands at the end

  /// The name that the cursor stands behind, if it stands behind one, and what is before it.
  var point: CompletionPoint {
    guard let bracket = brackets.last else { return .nothing }
    switch open {
    case .comment, .otherText: return .nothing
    case .text(let prefix, let quote): return textPoint(prefix, quote, in: bracket)
    case nil: break
    }
    var tokens = bracket.tokens
    var prefix = ""
    if case .name(let name)? = tokens.last, !isSeparated {
      prefix = name
      tokens.removeLast()
    } else if tokens.last == .number, !isSeparated {
      return .nothing
    }
    switch tokens.last {
    case .symbol("."), .symbol(":"):
      tokens.removeLast()
      guard let path = Self.path(at: tokens) else { return .nothing }
      return .field(path: path, prefix: prefix)
    case nil, .symbol(","), .symbol(";"):
      if bracket.opening == "{", let function = bracket.function, bracket.option == nil {
        return .option(function: function, prefix: prefix, used: bracket.used)
      }
      return .name(prefix: prefix)
    default: return .name(prefix: prefix)
    }
  }

  private func textPoint(_ prefix: String, _ quote: Character, in bracket: Bracket) -> CompletionPoint {
    guard let function = bracket.function else { return .nothing }
    if let option = bracket.option { return .value(function: function, option: option, prefix: prefix, quote: quote) }
    if bracket.opening == "(" { return .value(function: function, option: nil, prefix: prefix, quote: quote) }
    guard bracket.tokens.last == .symbol("="), case .name(let option)? = bracket.tokens.dropLast().last else {
      return .nothing
    }
    return .value(function: function, option: option, prefix: prefix, quote: quote)
  }

  /// The names of `a.b.c` at the end of these tokens, and no call or index before them.
  private static func path(at tokens: [Token]) -> [String]? {
    var names: [String] = []
    var rest = tokens[...]
    while case .name(let name)? = rest.last {
      names.insert(name, at: 0)
      rest.removeLast()
      guard rest.last == .symbol(".") || rest.last == .symbol(":") else { return names }
      rest.removeLast()
    }
    return nil
  }

  // MARK: - Reading

  private var isSeparated = false

  private mutating func separate() { isSeparated = true }

  private mutating func add(_ token: Token) {
    isSeparated = false
    brackets[brackets.count - 1].tokens.append(token)
  }

  private mutating func symbol(_ character: Character) {
    switch character {
    case "(", "{", "[":
      isSeparated = false
      brackets.append(bracket(character))
    case ")", "}", "]":
      if brackets.count > 1 { brackets.removeLast() }
      add(.symbol(character))
    case "=":
      let top = brackets.count - 1
      if case .name(let option)? = brackets[top].tokens.last { brackets[top].used.insert(option) }
      add(.symbol(character))
    case "." where brackets[brackets.count - 1].tokens.last == .symbol(".") && !isSeparated:
      // Two of them join texts.
      brackets[brackets.count - 1].tokens.removeLast()
      add(.symbol("+"))
    default: add(.symbol(character))
    }
  }

  private func bracket(_ opening: Character) -> Bracket {
    var bracket = Bracket(opening: opening)
    guard let outer = brackets.last, opening != "[" else { return bracket }
    let tokens = outer.tokens
    if case .name(let function)? = tokens.last, [.symbol("."), .symbol(":")].contains(tokens.dropLast().last) {
      bracket.function = function
    } else if opening == "{", tokens.isEmpty, outer.opening == "(" {
      bracket.function = outer.function
    } else if opening == "{", outer.opening == "{", let function = outer.function, tokens.last == .symbol("="),
      case .name(let option)? = tokens.dropLast().last
    {
      bracket.function = function
      bracket.option = option
    }
    return bracket
  }

  private mutating func comment() {
    rest = rest.dropFirst(2)
    if let level = longBracketLevel(rest) {
      if !skipLong(level) { open = .comment }
    } else if let end = rest.firstIndex(of: "\n") {
      rest = rest[end...]
    } else {
      open = .comment
    }
  }

  private mutating func text(_ quote: Character) {
    rest.removeFirst()
    var text = ""
    while let character = rest.popFirst() {
      if character == quote {
        add(.text)
        return
      }
      if character == "\\" {
        _ = rest.popFirst()
        text.append("\\")
      } else {
        text.append(character)
      }
    }
    open = text.contains("\\") ? .otherText : .text(text, quote: quote)
  }

  private mutating func longText(_ level: Int) {
    if skipLong(level) { add(.text) } else { open = .otherText }
  }

  private func longBracketLevel(_ text: Substring) -> Int? {
    guard text.first == "[" else { return nil }
    let signs = text.dropFirst().prefix { $0 == "=" }.count
    return text.dropFirst(1 + signs).first == "[" ? signs : nil
  }

  private mutating func skipLong(_ level: Int) -> Bool {
    let end = "]" + String(repeating: "=", count: level) + "]"
    guard let range = rest.firstRange(of: end) else {
      rest = rest[rest.endIndex...]
      return false
    }
    rest = rest[range.upperBound...]
    return true
  }
}
