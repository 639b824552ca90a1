internal import GatewayAPI
internal import GatewayScripting
internal import LineEditor

/// What can be typed at a place of an input.
struct Completer {
  private static let mostListed = 100
  private static let keywords = [
    "and", "break", "do", "else", "elseif", "end", "false", "for", "function", "goto", "if", "in", "local", "nil",
    "not",
    "or", "repeat", "return", "then", "true", "until", "while",
  ]

  /// The names in a table of the session, by the path to it, with Lua's type of each; none for the globals.
  let fields: ([String]) -> [String: String]
  /// The names of the gateway's environments, groups or APIs, as far as they are known.
  let resources: (ResourceKind) -> [String]
  let gateways: [String]
  /// Columns of the terminal.
  let width: Int

  /// - Parameters:
  ///   - text: the whole input up to the cursor, earlier lines included.
  ///   - next: the character behind the cursor.
  func completion(of text: String, before next: Character?) -> LineCompletion {
    // At the beginning of a line there is nothing to complete.
    if text.split(separator: "\n", omittingEmptySubsequences: false).last?.allSatisfy(\.isWhitespace) ?? true {
      if text.contains("\n") || text.isEmpty { return LineCompletion(insertion: "  ") }
    }
    let (prefix, candidates) = candidates(at: CompletionPoint(text), before: next)
    let found = candidates.filter { $0.name.hasPrefix(prefix) }
    let matching = found.isEmpty ? candidates.filter { $0.name.lowercased().hasPrefix(prefix.lowercased()) } : found
    guard let first = matching.first else { return LineCompletion() }
    if matching.count == 1 {
      return LineCompletion(replaced: prefix.count, insertion: first.name + first.suffix)
    }
    var common = first.name
    for candidate in matching.dropFirst() { common = common.commonPrefix(with: candidate.name) }
    if common.count > prefix.count { return LineCompletion(replaced: prefix.count, insertion: common) }
    return LineCompletion(listing: listing(matching.map(\.name)))
  }

  private struct Candidate {
    let name: String
    var suffix = ""
  }

  private func candidates(at point: CompletionPoint, before next: Character?) -> (String, [Candidate]) {
    func plain(_ names: some Sequence<String>) -> [Candidate] { names.sorted().map { Candidate(name: $0) } }
    func quoted(_ names: [String], _ prefix: String, _ quote: Character) -> [Candidate] {
      // A gateway may hold thousands.
      let exact = names.filter { $0.hasPrefix(prefix) }
      return (exact.isEmpty ? names : exact).sorted().map {
        Candidate(name: $0, suffix: next == quote ? "" : String(quote))
      }
    }
    switch point {
    case .dotCommand(let prefix): return (prefix, DotCommand.allCases.map { Candidate(name: $0.rawValue, suffix: " ") })
    case .dotArgument("env", let prefix): return (prefix, plain(resources(.environment)))
    case .dotArgument("gateway", let prefix): return (prefix, plain(gateways))
    case .dotArgument("write", let prefix): return (prefix, plain(["off"]))
    case .manual(let prefix):
      let hasModule = prefix.hasPrefix("apig.")
      return (prefix, plain(Manual.functionNames.map { hasModule ? "apig.\($0)" : $0 }))
    case .name(let prefix):
      // Without a letter there would be too many to choose from.
      let names = Set(fields([]).keys)
      return (prefix, plain(prefix.isEmpty ? names : names.union(Self.keywords)))
    case .field(let path, let prefix):
      return (prefix, plain(fields(path).keys))
    case .option(let function, let prefix, let used):
      let options = FunctionOption.options(of: function).filter { !used.contains($0.name) }
      guard !options.isEmpty else { return (prefix, plain(fields([]).keys)) }
      return (prefix, options.map { Candidate(name: $0.name, suffix: " = ") }.sorted { $0.name < $1.name })
    case .value("gateway", nil, let prefix, let quote): return (prefix, quoted(gateways, prefix, quote))
    case .value(let function, let option?, let prefix, let quote):
      guard let option = FunctionOption.options(of: function).first(where: { $0.name == option }) else {
        return (prefix, [])
      }
      return (prefix, quoted(option.resource.map(resources) ?? option.words, prefix, quote))
    case .dotArgument, .value, .nothing: return ("", [])
    }
  }

  /// Names in columns, as `ls` shows them.
  private func listing(_ names: [String]) -> String {
    let shown = names.prefix(Self.mostListed).map(\.withoutControlCharacters)
    let cell = (shown.map(\.displayWidth).max() ?? 0) + 2
    let columns = max(1, (width - 1) / cell)
    let rows = (shown.count + columns - 1) / columns
    var text = ""
    for row in 0..<rows {
      var line = ""
      for index in stride(from: row, to: shown.count, by: rows) {
        line += shown[index] + String(repeating: " ", count: cell - shown[index].displayWidth)
      }
      text += line.trimmingEnd + "\n"
    }
    return names.count > shown.count ? text + "… and \(names.count - shown.count) more\n" : text
  }
}

extension String {
  fileprivate func commonPrefix(with other: String) -> String {
    String(zip(self, other).prefix { $0 == $1 }.map(\.0))
  }
}
