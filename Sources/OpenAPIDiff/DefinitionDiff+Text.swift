extension DefinitionDiff {
  /// The whole difference for people, line by line; the last line counts.
  public var text: String { (changes.map(\.text) + [summary]).joined(separator: "\n") }

  /// "2 changed, 1 removed; 1 breaking"
  public var summary: String {
    guard !changes.isEmpty else { return "no differences" }
    let counts = [DefinitionChange.Kind.changed, .added, .removed].compactMap { kind in
      let count = changes.count { $0.kind == kind }
      return count == 0 ? nil : "\(count) \(kind.rawValue)"
    }
    return "\(counts.joined(separator: ", ")); \(breakingCount == 0 ? "none" : "\(breakingCount)") breaking"
  }
}

extension DefinitionChange {
  /// "GET /payments/{id}", or where another value is.
  public var title: String { [method, path].compactMap(\.self).joined(separator: " ") }

  /// A line of its own, and one for each finding; those that break callers begin with `!`.
  public var text: String {
    let sign =
      switch kind {
      case .added: "+"
      case .removed: "-"
      case .changed: "~"
      }
    var head = "\(sign) \(title)"
    if let api, !api.isEmpty { head += " (\(api))" }
    if leftVersion != nil || rightVersion != nil { head += "  \(leftVersion ?? "-") → \(rightVersion ?? "-")" }
    if isBreaking { head += "  BREAKING" }
    return ([head] + findings.map { "    \($0.isBreaking ? "!" : " ") \($0.text)" }).joined(separator: "\n")
  }
}
