package import GatewayAPI

/// What values an argument or an option of a script's function takes.
package enum ScriptType: Sendable, Hashable {
  case any
  case string
  case boolean
  case number
  case integer(ClosedRange<Int>?)
  /// Seconds as a number, or a text such as `"90s"`.
  case duration
  /// A moment: RFC 3339, or `"2 hours ago"`.
  case time
  case url
  case function
  case table
  case list
  /// A table of names and values.
  case names
  /// One HTTP status, or a list of them.
  case statuses
  case choice([String])
  /// The ID of a resource, never looked up.
  case id(ResourceKind)
  /// A name, an ID or a record.
  case reference(ResourceKind)
  case references(ResourceKind)
  /// A file's text, or a table that stands for it.
  case file
  /// A field's name, or a function of an item.
  case order
  /// What `diff` compares: a document's text, or a table.
  case comparable

  /// What a field of a gateway operation takes, when it is given as itself.
  init(_ type: FieldType) {
    self =
      switch type {
      case .string: .string
      case .integer: .integer(nil)
      case .boolean: .boolean
      case .strings: .list
      case .choice(let words): .choice(words)
      case .reference(let kind): .reference(kind)
      case .references(let kind, _): .references(kind)
      case .document: .table
      case .file: .file
      }
  }

  /// As messages and the manual name it.
  package var name: String {
    switch self {
    case .any: "value"
    case .string: "string"
    case .boolean: "boolean"
    case .number: "number"
    case .integer: "integer"
    case .duration: "duration"
    case .time: "time"
    case .url: "URL"
    case .function: "function"
    case .table: "table"
    case .list: "list"
    case .names: "table of names and values"
    case .statuses: "HTTP status or list of them"
    case .choice(let words): words.map { "\"\($0)\"" }.joined(separator: "|")
    case .id(let kind): "\(kind.rawValue) ID"
    case .reference(let kind): "\(kind.rawValue) name, ID or record"
    case .references(let kind): "list of \(kind.rawValue) names, IDs or records"
    case .file, .comparable: "string or table"
    case .order: "string or function"
    }
  }
}
