internal import GatewayAPI
internal import Yams

/// JSON values as YAML text, and back.
enum YAMLText {
  /// Members sorted by name, so that equal documents are equal texts.
  static func text(of document: Document) throws -> String {
    try Yams.serialize(node: node(of: document), allowUnicode: true)
  }

  /// - Throws: `YamlError` for what is no YAML, ``YAMLTooLarge`` for what unfolds into too much.
  static func document(from text: String) throws -> Document? {
    guard let node = try Yams.compose(yaml: text) else { return nil }
    var reader = YAMLReader()
    return try reader.document(of: node, depth: 0)
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
}

/// A YAML text that is deeper, or with its aliases unfolded larger, than any definition.
struct YAMLTooLarge: Error {}

/// Turns nodes into values, as many as a definition can need: a few lines of aliases of aliases stand for billions.
private struct YAMLReader {
  private static let maximumCount = 1_000_000
  private var count = 0

  mutating func document(of node: Node, depth: Int) throws(YAMLTooLarge) -> Document {
    count += 1
    guard count <= Self.maximumCount, depth < Document.maximumDepth else { throw YAMLTooLarge() }
    switch node {
    case .mapping(let mapping):
      var members: [String: Document] = [:]
      for (key, value) in mapping { members[key.scalar?.string ?? ""] = try document(of: value, depth: depth + 1) }
      return .object(members)
    case .sequence(let sequence):
      var elements: [Document] = []
      for element in sequence { elements.append(try document(of: element, depth: depth + 1)) }
      return .array(elements)
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
