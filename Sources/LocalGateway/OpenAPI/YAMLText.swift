internal import GatewayAPI
internal import Yams

/// JSON values as YAML text, and back.
enum YAMLText {
  /// Members sorted by name, so that equal documents are equal texts.
  static func text(of document: Document) throws -> String {
    try Yams.serialize(node: node(of: document), allowUnicode: true)
  }

  /// - Throws: `YamlError` for what is no YAML.
  static func document(from text: String) throws -> Document? {
    try Yams.compose(yaml: text).map(document)
  }

  private static func node(of document: Document) -> Node {
    switch document {
    case .null: Node("null", Tag(.null))
    case .boolean(let value): Node(value ? "true" : "false", Tag(.bool))
    case .integer(let value): Node(String(value), Tag(.int))
    case .number(let value): Node(String(value), Tag(.float))
    // Quoted where the plain text would be read as something else than a string.
    case .string(let text): Node(text, Tag(.str), isPlain(text) ? .any : .doubleQuoted)
    case .array(let elements): Node(elements.map(node))
    case .object(let members):
      Node(members.sorted { $0.key < $1.key }.map { (Node($0.key, Tag(.str)), node(of: $0.value)) })
    }
  }

  private static func isPlain(_ text: String) -> Bool {
    guard !text.isEmpty else { return false }
    return Resolver.default.resolveTag(of: Node(text)) == .str
  }

  private static func document(of node: Node) -> Document {
    switch node {
    case .mapping(let mapping):
      return .object(
        Dictionary(
          mapping.map { ($0.key.scalar?.string ?? "", document(of: $0.value)) }, uniquingKeysWith: { _, last in last }))
    case .sequence(let sequence): return .array(sequence.map(document))
    case .scalar(let scalar):
      if node.null != nil { return .null }
      if scalar.style == .any || scalar.style == .plain {
        if let value = node.bool { return .boolean(value) }
        if let value = node.int { return .integer(Int64(value)) }
        if let value = node.float { return .number(value) }
      }
      return .string(scalar.string)
    case .alias: return .null
    }
  }
}
