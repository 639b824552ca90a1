internal import GatewayAPI

/// Types in the notation of lua-language-server's annotations.
enum LuaAnnotation {
  /// The class of a record: `apig.http_answer`.
  static func className(_ record: String) -> String { "apig." + identifier(record) }

  /// The class of a function's options: `apig.health.http.options`.
  static func optionsClass(_ function: String, in module: String) -> String { "\(module).\(function).options" }

  /// What stands for a resource in options: `apig.api_reference`.
  static func referenceName(_ kind: ResourceKind) -> String { "apig.\(kind.rawValue)_reference" }

  static func identifier(_ name: String) -> String { name.replacing(" ", with: "_") }

  static func text(of type: ScriptType) -> String {
    switch type {
    case .any, .comparable: "any"
    case .string, .url, .time, .id: "string"
    case .boolean: "boolean"
    case .number: "number"
    case .integer: "integer"
    case .duration: "apig.duration"
    case .function: "function"
    case .table: "table"
    case .list: "any[]"
    case .names: "table<string, any>"
    case .statuses: "integer|integer[]"
    case .choice(let words): words.map { "\"\($0)\"" }.joined(separator: "|")
    case .reference(let kind): referenceName(kind)
    case .references(let kind): referenceName(kind) + "[]"
    case .file: "string|table"
    case .order: "string|fun(api: apig.api): any"
    }
  }

  static func text(of shape: ScriptShape) -> String {
    switch shape {
    case .value(let type): text(of: type)
    case .record(let name): className(name)
    case .records(let name): className(RecordClasses.listName(ofRecords: name))
    case .list(let element): grouped(element) + "[]"
    case .map(let value): "table<string, \(text(of: value))>"
    case .optional(let shape): isSimple(shape) ? text(of: shape) + "?" : text(of: shape) + "|nil"
    case .either(let shapes): shapes.map { inUnion($0) }.joined(separator: "|")
    case .function(let parameters, let returns):
      "fun(\(parameters.map { "\($0.name): \(text(of: $0.shape))" }.joined(separator: ", ")))"
        + (returns.map { ": \(result($0))" } ?? "")
    case .generic(let name): name
    }
  }

  /// A function takes what follows it for its own result, and behind `?` a type ends.
  private static func inUnion(_ shape: ScriptShape) -> String {
    switch shape {
    case .function: grouped(shape)
    case .optional(let inner): inUnion(inner) + "|nil"
    default: text(of: shape)
    }
  }

  private static func result(_ shape: ScriptShape) -> String {
    if case .optional(let inner) = shape, isSimple(inner) { text(of: shape) } else { grouped(shape) }
  }

  /// In parentheses, where what stands around it would take it apart.
  private static func grouped(_ shape: ScriptShape) -> String {
    let text = text(of: shape)
    return isSimple(shape) ? text : "(\(text))"
  }

  private static func isSimple(_ shape: ScriptShape) -> Bool {
    switch shape {
    case .either, .optional, .function, .value(.choice), .value(.statuses), .value(.file), .value(.order): false
    default: true
    }
  }
}
