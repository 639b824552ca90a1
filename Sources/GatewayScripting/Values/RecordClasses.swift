internal import GatewayAPI
internal import LuaRuntime

/// The kinds of records and lists that scripts meet, made from the operations' declarations.
enum RecordClasses {
  static func listName(of schema: RecordSchema) -> String { "list of \(schema.name)s" }

  /// A list whose end has not been read yet.
  static func unreadListName(of schema: RecordSchema) -> String { "unread \(listName(of: schema))" }

  /// Every record schema that an operation answers with, each once.
  static let schemas: [RecordSchema] = {
    var schemas: [RecordSchema] = [BatchFailure.schema, Publication.schema]
    for operation in OperationCatalog.all {
      switch operation.descriptor.output {
      case .record(let schema), .page(let schema): schemas.append(schema)
      case .nothing, .batch, .file: break
      }
    }
    var seen: Set<String> = []
    return schemas.filter { seen.insert($0.name).inserted }
  }()

  /// What the prelude makes classes of: `{ version = { "version_id", … }, … }`.
  static var description: LuaValue {
    var table = LuaTable()
    for schema in schemas {
      table[schema.name] = .table(LuaTable(sequence: schema.fields.map { .text($0.name) }))
    }
    return .table(table)
  }

  /// The error for reading a field that a record of this class cannot have.
  static func unknownField(_ name: String, of className: String) -> GatewayError {
    let known =
      schemas.first { $0.name == className }?.fields.map(\.name)
      ?? ["total", "complete", "ids", "names", "filter", "effective", "effective_at", "find"]
    let article = "aeio".contains(className.first ?? " ") ? "an" : "a"
    return GatewayError(
      kind: .usage, message: "\(article) \(className) has no field '\(name)'",
      hint: Suggestion.closest(to: name, in: known).map { "did you mean '\($0)'?" }
        ?? "it has \(known.prefix(12).joined(separator: ", "))\(known.count > 12 ? ", …" : "")")
  }
}
