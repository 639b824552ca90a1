internal import GatewayAPI
internal import LuaRuntime

/// The kinds of records and lists that scripts meet, made from the operations' declarations.
enum RecordClasses {
  static func listName(of schema: RecordSchema) -> String { listName(ofRecords: schema.name) }

  static func listName(ofRecords name: String) -> String { "list of \(name)s" }

  /// A list whose end has not been read yet.
  static func unreadListName(of schema: RecordSchema) -> String { unreadPrefix + listName(of: schema) }

  static let unreadPrefix = "unread "

  /// Every record schema that an operation answers with, each once.
  static let schemas: [RecordSchema] = {
    var schemas: [RecordSchema] = [BatchFailure.schema, Publication.schema]
    for operation in OperationCatalog.all {
      switch operation.outputShape {
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

  /// The fields that a record of this class may have.
  static func fieldNames(of className: String) -> [String] {
    schemas.first { $0.name == className }?.fields.map(\.name) ?? []
  }

  /// The methods of a list of this class.
  static func methodNames(of className: String) -> [String] { list(className)?.methods.map(\.name) ?? [] }

  /// The list of this class, read to its end or not; nil for what is none.
  private static func list(_ className: String) -> ScriptRecord? {
    schemas.first { [listName(of: $0), unreadListName(of: $0)].contains(className) }.map { .list(of: $0.name) }
  }

  /// The error for reading a field that a record of this class cannot have.
  static func unknownField(_ name: String, of className: String) -> GatewayError {
    let known = list(className)?.memberNames ?? fieldNames(of: className)
    return GatewayError(
      kind: .usage, message: "\(ScriptRecord.nameWithArticle(className)) has no field '\(name)'",
      hint: Suggestion.closest(to: name, in: known).map { "did you mean '\($0)'?" }
        ?? "it has \(known.prefix(12).joined(separator: ", "))\(known.count > 12 ? ", …" : "")")
  }
}

/// The fields that records of the gateway are documented to have.
public enum RecordFields {
  /// Their names in the order of the declaration; none for what is no record.
  public static func names(of record: String) -> [String] { RecordClasses.fieldNames(of: record) }
}
