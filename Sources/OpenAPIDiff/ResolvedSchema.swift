import GatewayAPI

/// A schema with its references followed and its `allOf` parts laid over each other.
struct ResolvedSchema: Sendable {
  private(set) var keywords: [String: Document] = [:]
  private(set) var properties: [String: Document] = [:]
  private(set) var required: Set<String> = []

  init(_ schema: Document, _ references: DefinitionReferences) {
    var seen: Set<Document> = []
    add(schema, references, &seen)
  }

  /// A part that was laid over already changes nothing: each is read once, however often it is named.
  private mutating func add(_ schema: Document, _ references: DefinitionReferences, _ seen: inout Set<Document>) {
    if schema["$ref"] != nil || schema["allOf"] != nil { guard seen.insert(schema).inserted else { return } }
    let members = references.resolved(schema).objectValue ?? [:]
    for (keyword, value) in members {
      switch keyword {
      case "allOf": continue
      case "properties": properties.merge(value.objectValue ?? [:]) { first, _ in first }
      case "required": required.formUnion((value.arrayValue ?? []).compactMap(\.stringValue))
      default: keywords[keyword] = keywords[keyword] ?? value
      }
    }
    // What stands in the schema itself counts more than its parts, an earlier part more than a later one.
    for part in members["allOf"]?.arrayValue ?? [] { add(part, references, &seen) }
  }

  /// The types it allows; nil for any.
  var types: Set<String>? {
    var types: Set<String>
    if let type = keywords["type"]?.stringValue {
      types = [type]
    } else if let several = keywords["type"]?.arrayValue {
      types = Set(several.compactMap(\.stringValue))
    } else {
      guard !properties.isEmpty else { return nil }
      types = ["object"]
    }
    if keywords["nullable"] == true || keywords["x-nullable"] == true { types.insert("null") }
    return types
  }

  /// The values it allows; nil for any.
  var values: [Document]? { keywords["enum"]?.arrayValue ?? keywords["const"].map { [$0] } }
}
