internal import GatewayAPI

/// A kind of table that scripts get from functions: its fields, and the functions in it.
package struct ScriptRecord: Sendable {
  package struct Field: Sendable {
    package let name: String
    package let shape: ScriptShape
    /// One sentence.
    package let help: String

    /// - Parameter shape: optional where the field may be absent.
    static func field(_ name: String, _ shape: ScriptShape, _ help: String) -> Field {
      Field(name: name, shape: shape, help: help)
    }
  }

  /// As messages and the manual name it: "version".
  package let name: String
  /// One sentence.
  package let summary: String
  package let fields: [Field]
  /// What is called with a colon.
  package var methods: [ScriptFunction] = []
  /// Whether the gateway may send fields beside these.
  package var isOfGateway = false

  init(_ name: String, _ summary: String, _ fields: [Field] = [], methods: [ScriptFunction] = []) {
    self.name = name
    self.summary = summary
    self.fields = fields
    self.methods = methods
  }

  /// A record of the gateway, by its schema: any of its fields may be absent.
  init(_ schema: RecordSchema) {
    self.init(
      schema.name, schema.summary,
      schema.fields.map { .field($0.name, .optional(ScriptShape($0)), $0.help) })
    isOfGateway = true
  }

  /// All that can be read of it by name.
  package var memberNames: [String] { fields.map(\.name) + methods.map(\.name) }

  package func field(_ name: String) -> Field? { fields.first { $0.name == name } }

  package func method(_ name: String) -> ScriptFunction? { methods.first { $0.name == name } }

  /// "an api", "a version".
  package static func nameWithArticle(_ name: String) -> String {
    let takesN = "aeio".contains(name.first ?? " ") || name.hasPrefix("http")
    return "\(takesN ? "an" : "a") \(name)"
  }
}
