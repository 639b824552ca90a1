package import GatewayAPI

/// One option of a script's function, as scripts write it.
package struct ScriptParameter: Sendable {
  enum Meaning: Sendable {
    /// The field's value as it is; for IDs, nothing else.
    case value
    /// A name, an ID or a record of the field's kind.
    case reference(ResourceKind)
    /// A list of such.
    case references(ResourceKind)
  }

  package let name: String
  /// The field it fills; nil for an option that only steers the call.
  package let field: FieldDescriptor?
  let meaning: Meaning
  package let type: ScriptType
  package let isRequired: Bool
  package let help: String

  /// As messages and the manual name it.
  var typeName: String { field.flatMap { type == .list ? $0.type.typeName : nil } ?? type.name }

  /// The options of an operation: one per field, two for a reference (`env` and `env_id`), and those that several
  /// APIs at once and file answers bring along.
  static func parameters(of operation: OperationDescriptor) -> [ScriptParameter] {
    var parameters = operation.fields.flatMap(parameters(of:))
    if operation.batchAction != nil { parameters += severalAPIs }
    if operation.batchAction == .online { parameters += PublicationConditions.parameters }
    if case .file = operation.output { parameters.append(asTable) }
    return parameters
  }

  private static func parameters(of field: FieldDescriptor) -> [ScriptParameter] {
    switch field.type {
    case .reference(let kind):
      [
        ScriptParameter(
          name: kind.rawValue, field: field, meaning: .reference(kind), type: .reference(kind),
          isRequired: field.isRequired, help: field.help),
        ScriptParameter(
          name: field.scriptName, field: field, meaning: .value, type: .id(kind), isRequired: false,
          help: "The same by ID, never looked up."),
      ]
    case .references(let kind, _):
      [
        ScriptParameter(
          name: field.scriptName, field: field, meaning: .references(kind), type: .references(kind),
          isRequired: field.isRequired, help: field.help)
      ]
    default:
      [
        ScriptParameter(
          name: field.scriptName, field: field, meaning: .value, type: ScriptType(field.type),
          isRequired: field.isRequired, help: field.help)
      ]
    }
  }

  /// An option of a function that is no operation of the gateway, or one that only steers the call.
  static func option(_ name: String, _ type: ScriptType, required: Bool = false, _ help: String) -> ScriptParameter {
    ScriptParameter(name: name, field: nil, meaning: .value, type: type, isRequired: required, help: help)
  }

  private static let severalAPIs: [ScriptParameter] = [
    .option("apis", .references(.api), "Several APIs, in as few requests as the gateway allows."),
    .option("group", .reference(.group), "Every API of a group."),
    .option("group_id", .id(.group), "The same by ID, never looked up."),
    .option(
      "on_failure", .choice(OnFailure.words), "What several APIs do when some fail; default \"raise\"."),
  ]

  private static let asTable = ScriptParameter.option(
    "as", .choice(["string", "table"]), "What is returned; default \"string\".")
}

/// What becomes of failures among several.
package enum OnFailure: String, CaseIterable, Sendable {
  case raise
  case `return`

  static let words = allCases.map(\.rawValue)
}
