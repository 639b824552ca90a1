internal import GatewayAPI

/// The example that a document gives of an operation's good answer.
struct ExampleAnswer {
  /// As a back end would send it.
  let text: String

  /// Schemas hold schemas: this deep and this many are looked at.
  private static let maximumDepth = 8
  private static let maximumSchemas = 1000
  /// A larger one is none: operations can share it, and each would get its copy.
  private static let maximumBytes = 64 << 10

  /// What is left to look at, and where the way to it led.
  private struct Walk {
    var schemas = ExampleAnswer.maximumSchemas
    var bytes = ExampleAnswer.maximumBytes
    /// A schema that holds itself says nothing more the second time.
    var references: [String] = []

    /// The example, if there is room for it.
    mutating func take(_ example: Document) -> Document? {
      count(example)
      return bytes >= 0 ? example : nil
    }

    /// Takes off about what a value has as JSON; no more is looked at than there is room for.
    private mutating func count(_ value: Document) {
      bytes -= 1
      guard bytes >= 0 else { return }
      switch value {
      case .null, .boolean, .integer, .number: bytes -= 4
      case .string(let text): bytes -= text.utf8.count
      case .array(let elements):
        for element in elements where bytes >= 0 { count(element) }
      case .object(let members):
        for (name, member) in members where bytes >= 0 {
          bytes -= name.utf8.count
          count(member)
        }
      }
    }
  }

  /// nil when there is none.
  init?(_ operation: Document, _ references: OpenAPIReferences) {
    let answers = (operation["responses"]?.objectValue ?? [:])
      .filter { $0.key.hasPrefix("2") || $0.key == "default" }.sorted { $0.key < $1.key }
    var walk = Walk()
    for (_, answer) in answers {
      guard let answer = try? references.resolve(answer) else { continue }
      if let example = Self.example(of: answer, references, &walk) {
        text = example.stringValue ?? example.jsonText
        return
      }
    }
    return nil
  }

  private static func example(
    of answer: Document, _ references: OpenAPIReferences, _ walk: inout Walk
  ) -> Document? {
    // Swagger 2.0: examples by content type, or the schema's own.
    if let example = preferred(answer["examples"]?.objectValue) { return walk.take(example) }
    if let schema = answer["schema"], let example = example(ofSchema: schema, references, &walk) { return example }
    // OpenAPI 3: by content type, `example`, `examples`, or the schema's own.
    guard let media = preferred(answer["content"]?.objectValue) else { return nil }
    if let example = media["example"] { return walk.take(example) }
    if let named = media["examples"]?.objectValue?.min(by: { $0.key < $1.key })?.value,
      let value = (try? references.resolve(named))?["value"]
    {
      return walk.take(value)
    }
    return media["schema"].flatMap { example(ofSchema: $0, references, &walk) }
  }

  /// JSON's, where there are several.
  private static func preferred(_ byContentType: [String: Document]?) -> Document? {
    guard let byContentType else { return nil }
    return byContentType["application/json"] ?? byContentType.min { $0.key < $1.key }?.value
  }

  /// A schema's example, or what its members' examples make up.
  private static func example(
    ofSchema schema: Document, _ references: OpenAPIReferences, _ walk: inout Walk
  ) -> Document? {
    walk.schemas -= 1
    let reference = schema["$ref"]?.stringValue ?? ""
    guard walk.references.count < maximumDepth, walk.schemas > 0, walk.bytes > 0,
      reference.isEmpty || !walk.references.contains(reference), let schema = try? references.resolve(schema)
    else { return nil }
    walk.references.append(reference)
    defer { walk.references.removeLast() }
    if let example = schema["example"] ?? schema["examples"]?.arrayValue?.first ?? schema["const"] {
      return walk.take(example)
    }
    if let items = schema["items"] {
      return example(ofSchema: items, references, &walk).map { [$0] }
    }
    var members: [String: Document] = [:]
    for part in schema["allOf"]?.arrayValue ?? [] {
      guard walk.schemas > 0 else { break }
      if case .object(let more)? = example(ofSchema: part, references, &walk) {
        members.merge(more) { $1 }
      }
    }
    let properties = schema["properties"]?.objectValue ?? [:]
    guard properties.count <= walk.schemas else { return nil }
    for (name, property) in properties.sorted(by: { $0.key < $1.key }) {
      guard let example = example(ofSchema: property, references, &walk) else { continue }
      walk.bytes -= name.utf8.count
      members[name] = example
    }
    guard walk.bytes >= 0 else { return nil }
    return members.isEmpty ? nil : .object(members)
  }
}
