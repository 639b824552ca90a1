internal import GatewayAPI

/// The example that a document gives of an operation's good answer.
struct ExampleAnswer {
  /// As a back end would send it.
  let text: String

  /// Schemas hold schemas: this deep and this many are looked at.
  private static let maximumDepth = 8
  private static let maximumSchemas = 1000

  /// What is left to look at, and where the way to it led.
  private struct Walk {
    var schemas = ExampleAnswer.maximumSchemas
    /// A schema that holds itself says nothing more the second time.
    var references: [String] = []
  }

  /// nil when there is none.
  init?(_ operation: Document, _ references: OpenAPIReferences) {
    let answers = (operation["responses"]?.objectValue ?? [:])
      .filter { $0.key.hasPrefix("2") || $0.key == "default" }.sorted { $0.key < $1.key }
    var walk = Walk()
    for (_, answer) in answers {
      guard let answer = try? references.resolve(answer) else { continue }
      for example in Self.examples(answer, references, &walk) {
        text = example.stringValue ?? example.jsonText
        return
      }
    }
    return nil
  }

  private static func examples(
    _ answer: Document, _ references: OpenAPIReferences, _ walk: inout Walk
  ) -> [Document] {
    // Swagger 2.0: examples by content type, or the schema's own.
    if let example = preferred(answer["examples"]?.objectValue) { return [example] }
    if let schema = answer["schema"], let example = example(of: schema, references, &walk) {
      return [example]
    }
    // OpenAPI 3: by content type, `example`, `examples`, or the schema's own.
    guard let media = preferred(answer["content"]?.objectValue) else { return [] }
    if let example = media["example"] { return [example] }
    if let named = media["examples"]?.objectValue?.min(by: { $0.key < $1.key })?.value,
      let value = (try? references.resolve(named))?["value"]
    {
      return [value]
    }
    return media["schema"].flatMap { example(of: $0, references, &walk) }.map { [$0] } ?? []
  }

  /// JSON's, where there are several.
  private static func preferred(_ byContentType: [String: Document]?) -> Document? {
    guard let byContentType else { return nil }
    return byContentType["application/json"] ?? byContentType.min { $0.key < $1.key }?.value
  }

  /// A schema's example, or what its members' examples make up.
  private static func example(
    of schema: Document, _ references: OpenAPIReferences, _ walk: inout Walk
  ) -> Document? {
    walk.schemas -= 1
    let reference = schema["$ref"]?.stringValue ?? ""
    guard walk.references.count < maximumDepth, walk.schemas > 0,
      reference.isEmpty || !walk.references.contains(reference), let schema = try? references.resolve(schema)
    else { return nil }
    walk.references.append(reference)
    defer { walk.references.removeLast() }
    if let example = schema["example"] ?? schema["examples"]?.arrayValue?.first ?? schema["const"] { return example }
    if let items = schema["items"] {
      return example(of: items, references, &walk).map { [$0] }
    }
    var members: [String: Document] = [:]
    for part in schema["allOf"]?.arrayValue ?? [] {
      if case .object(let more)? = example(of: part, references, &walk) {
        members.merge(more) { $1 }
      }
    }
    for (name, property) in (schema["properties"]?.objectValue ?? [:]).sorted(by: { $0.key < $1.key }) {
      members[name] = example(of: property, references, &walk)
    }
    return members.isEmpty ? nil : .object(members)
  }
}
