internal import GatewayAPI

/// One option of a gateway function, as scripts write it.
struct ScriptParameter: Sendable {
  enum Meaning: Sendable {
    /// The field's value as it is; for IDs, nothing else.
    case value
    /// A name, an ID or a record of the field's kind.
    case reference(ResourceKind)
    /// A list of such.
    case references(ResourceKind)
  }

  let name: String
  /// The field it fills; nil for an option that only steers the call.
  let field: FieldDescriptor?
  let meaning: Meaning
  let typeName: String
  let isRequired: Bool
  let help: String

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
          name: kind.rawValue, field: field, meaning: .reference(kind), typeName: field.type.typeName,
          isRequired: field.isRequired, help: field.help),
        ScriptParameter(
          name: field.scriptName, field: field, meaning: .value, typeName: "\(kind.rawValue) ID", isRequired: false,
          help: "The same by ID, never looked up."),
      ]
    case .references(let kind, _):
      [
        ScriptParameter(
          name: field.scriptName, field: field, meaning: .references(kind), typeName: field.type.typeName,
          isRequired: field.isRequired, help: field.help)
      ]
    default:
      [
        ScriptParameter(
          name: field.scriptName, field: field, meaning: .value, typeName: field.type.typeName,
          isRequired: field.isRequired, help: field.help)
      ]
    }
  }

  /// An option that only steers the call.
  static func steering(_ name: String, _ typeName: String, _ help: String) -> ScriptParameter {
    ScriptParameter(name: name, field: nil, meaning: .value, typeName: typeName, isRequired: false, help: help)
  }

  private static let severalAPIs = [
    steering("apis", "list of api names, IDs or records", "Several APIs, in as few requests as the gateway allows."),
    steering("group", "group name, ID or record", "Every API of a group."),
    steering("group_id", "group ID", "The same by ID, never looked up."),
    steering("on_failure", "\"raise\"|\"return\"", "What several APIs do when some fail; default \"raise\"."),
  ]

  private static let asTable = steering("as", "\"string\"|\"table\"", "What is returned; default \"string\".")
}
