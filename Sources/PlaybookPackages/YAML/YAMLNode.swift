/// A value of a YAML text, and where it stands.
struct YAMLNode: Sendable {
  enum Content: Sendable {
    case scalar(String)
    case sequence([YAMLNode])
    /// In the order of the text; no name twice.
    case mapping([(name: YAMLNode, value: YAMLNode)])
  }

  let content: Content
  /// From 1.
  let line: Int
  let column: Int

  var text: String? {
    guard case .scalar(let text) = content else { return nil }
    return text
  }
}
