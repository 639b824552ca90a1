package import GatewayAPI
package import Yams

/// JSON values as YAML text, and back.
package enum YAMLText {
  /// Members sorted by name, so that equal documents are equal texts.
  package static func text(of document: Document) throws -> String {
    try text(of: node(of: document))
  }

  package static func text(of node: Node) throws -> String {
    try Yams.serialize(node: node, width: -1, allowUnicode: true)
  }

  /// - Throws: `YamlError` for what is no YAML, ``YAMLMistake`` for what no JSON can be.
  package static func compose(_ text: String) throws -> Node? {
    try YAMLKeys.check(text)
    return try Yams.compose(yaml: text)
  }

  /// - Throws: what ``compose(_:)`` throws, and ``YAMLTooLarge`` for what unfolds into too much.
  package static func document(from text: String) throws -> Document? {
    try compose(text).map { try self.document(of: $0, textLength: text.utf8.count) }
  }

  /// - Throws: ``YAMLTooLarge`` for what unfolds into too much.
  package static func document(of node: Node, textLength: Int = .max) throws(YAMLTooLarge) -> Document {
    var reader = YAMLReader(textLength: textLength)
    return try reader.document(of: node, depth: 0)
  }

  package static func node(of document: Document) -> Node {
    switch document {
    case .null: Node("null", Tag(.null))
    case .boolean(let value): Node(value ? "true" : "false", Tag(.bool))
    case .integer(let value): Node(String(value), Tag(.int))
    case .number(let value): Node(String(value), Tag(.float))
    case .string(let text): node(of: text)
    case .array(let elements): Node(elements.map(node))
    case .object(let members):
      Node(members.sorted { $0.key < $1.key }.map { (node(of: $0.key), node(of: $0.value)) })
    }
  }

  /// Quoted wherever any reader, of YAML 1.1 or 1.2, could take the plain text for something else than a string.
  private static func node(of text: String) -> Node {
    // The parser takes the mark at the beginning of a text for its encoding's, and drops it: so there are two.
    let text = text.unicodeScalars.first == "\u{FEFF}" ? "\u{FEFF}" + text : text
    return Node(text, Tag(.str), isPlain(text) ? .any : .doubleQuoted)
  }

  private static let words: Set = [
    "y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf", "infinity",
  ]

  private static func isPlain(_ text: String) -> Bool {
    guard let first = text.utf8.first, let last = text.utf8.last, isLetter(first) || first == UInt8(ascii: "/"),
      last != UInt8(ascii: " ")
    else { return false }
    return !words.contains(text.lowercased())
      && text.utf8.allSatisfy { isLetter($0) || (48...57).contains($0) || " /_-.".utf8.contains($0) }
  }

  private static func isLetter(_ byte: UInt8) -> Bool { (65...90).contains(byte & 0xDF) }

  /// Where a text is wrong.
  package static func place(of error: any Error) -> (line: Int, column: Int)? {
    if let error = error as? YAMLMistake { return (error.line, error.column) }
    let mark: Mark? =
      switch error as? YamlError {
      case .scanner(_, _, let mark, _)?, .parser(_, _, let mark, _)?, .composer(_, _, let mark, _)?: mark
      case .duplicatedKeysInMapping(_, let context)?: context.mark
      default: nil
      }
    return mark.map { ($0.line, $0.column) }
  }

  /// What is wrong with a text, and where, in one line.
  package static func reason(_ error: any Error) -> String {
    if let error = error as? YAMLMistake {
      return "\(error.message), in line \(error.line), column \(error.column)"
    }
    return switch error as? YamlError {
    case .scanner(_, let problem, let mark, _)?, .parser(_, let problem, let mark, _)?,
      .composer(_, let problem, let mark, _)?:
      "\(problem) in line \(mark.line), column \(mark.column)"
    case .duplicatedKeysInMapping(let names, let context)?:
      "the key \(names.joined(separator: ", ")) is there twice in line \(context.mark.line), column "
        + "\(context.mark.column)"
    default: error is YAMLTooLarge ? "it is too deep or, its aliases unfolded, too large" : "it cannot be read"
    }
  }
}

/// A YAML text that is deeper, or with its aliases unfolded larger, than any definition.
package struct YAMLTooLarge: Error {}

/// Turns nodes into values, as many as a definition can need: a few lines of aliases of aliases stand for billions.
private struct YAMLReader {
  private static let maximumCount = 1_000_000
  private let limit: Int
  private var count = 0

  /// - Parameter textLength: in bytes; a text without aliases cannot hold more values than bytes.
  init(textLength: Int) {
    limit = min(Self.maximumCount, min(textLength, Self.maximumCount) * 4 + 10_000)
  }

  mutating func document(of node: Node, depth: Int) throws(YAMLTooLarge) -> Document {
    count += 1
    guard count <= limit, depth < Document.maximumDepth else { throw YAMLTooLarge() }
    switch node {
    case .mapping(let mapping):
      var members: [String: Document] = [:]
      var merged: [String: Document] = [:]
      for (key, value) in mapping {
        let content = try document(of: value, depth: depth + 1)
        if let name = key.scalar, name.string == "<<", name.style == .plain {
          merge(content, into: &merged)
        } else {
          members[key.scalar?.string ?? ""] = content
        }
      }
      return .object(merged.merging(members) { $1 })
    case .sequence(let sequence):
      var elements: [Document] = []
      for element in sequence { elements.append(try document(of: element, depth: depth + 1)) }
      return .array(elements)
    case .scalar(let scalar): return value(of: scalar, node)
    case .alias: return .null
    }
  }

  /// `<<`: what a mapping takes over from others; the first of them wins.
  private func merge(_ content: Document, into members: inout [String: Document]) {
    for source in content.arrayValue ?? [content] {
      members.merge(source.objectValue ?? [:]) { first, _ in first }
    }
  }

  /// As YAML 1.2 has it, which OpenAPI asks for: `yes` and `12:30` are texts.
  private func value(of scalar: Node.Scalar, _ node: Node) -> Document {
    let text = scalar.string
    guard scalar.style == .any || scalar.style == .plain else { return .string(text) }
    switch Resolver.default.resolveTag(of: node) {
    case .null: return .null
    case .bool where ["true", "false"].contains(text.lowercased()): return .boolean(text.lowercased() == "true")
    case .int where isInteger(text): return node.int.map { .integer(Int64($0)) } ?? .string(text)
    case .float where !text.contains(where: { ":_".contains($0) }):
      return node.float.map { .number($0) } ?? .string(text)
    default: return .string(text)
    }
  }

  /// Not what YAML 1.1 alone counts: `010` for eight, `0b11`, `1_000`.
  private func isInteger(_ text: String) -> Bool {
    text.wholeMatch(of: #/-?(0|[1-9][0-9]*)|0x[0-9A-Fa-f]+|0o[0-7]+/#) != nil
  }
}
