internal import GatewayAPI

/// What a value looks like, in more words than its type: what functions return, callbacks get, and fields hold.
package indirect enum ScriptShape: Sendable, Hashable {
  /// A parameter of a callback.
  package struct Parameter: Sendable, Hashable {
    package let name: String
    package let shape: ScriptShape

    static func named(_ name: String, _ shape: ScriptShape) -> Parameter { Parameter(name: name, shape: shape) }
  }

  case value(ScriptType)
  /// A record, by the name of its kind: "version".
  case record(String)
  /// A list of the gateway's records, with the methods of such lists.
  case records(String)
  case list(ScriptShape)
  /// By names.
  case map(ScriptShape)
  case optional(ScriptShape)
  case either([ScriptShape])
  case function([Parameter], returns: ScriptShape?)
  /// Whatever type it is, the same wherever the name stands in a function's declaration.
  case generic(String)

  static let any = ScriptShape.value(.any)
  static let string = ScriptShape.value(.string)
  static let integer = ScriptShape.value(.integer(nil))
  static let number = ScriptShape.value(.number)
  static let boolean = ScriptShape.value(.boolean)

  static func choice(_ words: some Sequence<String>) -> ScriptShape { .value(.choice(Array(words))) }

  /// What a field of a gateway's record holds, by the word of its schema.
  init(_ field: RecordSchema.Field) {
    self =
      switch field.type {
      case "string": .string
      case "integer": .integer
      case "boolean": .boolean
      case "list": .list(.any)
      default: .value(.table)
      }
  }

  /// What a call of an operation returns.
  static func results(of operation: OperationDescriptor) -> [ScriptShape] {
    switch operation.output {
    case .nothing: []
    case .record(let schema):
      [operation.batchAction == nil ? .record(schema.name) : .either([.record(schema.name), .record("batch result")])]
    case .page(let schema): [.records(schema.name)]
    case .batch: [.record("batch result")]
    case .file: [.either([.string, .value(.table)])]
    }
  }

  /// As the manual names it.
  package var name: String {
    switch self {
    case .value(let type): type.name
    case .record(let name): name
    case .records(let name): RecordClasses.listName(ofRecords: name)
    case .list(.value(.any)), .list(.generic): "list"
    case .list(let element): "list of \(element.name)s"
    case .map(let value): "table of names and \(value.name)s"
    case .optional(let shape): "\(shape.name) or nil"
    case .either(let shapes): shapes.map(\.name).joined(separator: " or ")
    case .function: "function"
    case .generic: "value"
    }
  }

  /// The names of the records in it.
  package var recordNames: [String] {
    switch self {
    case .record(let name), .records(let name): [name]
    case .list(let shape), .map(let shape), .optional(let shape): shape.recordNames
    case .either(let shapes): shapes.flatMap(\.recordNames)
    case .function(let parameters, let returns):
      parameters.flatMap(\.shape.recordNames) + (returns?.recordNames ?? [])
    case .value, .generic: []
    }
  }

  /// The names of the generic types in it, in the order of their appearance.
  package var genericNames: [String] {
    switch self {
    case .generic(let name): [name]
    case .list(let shape), .map(let shape), .optional(let shape): shape.genericNames
    case .either(let shapes): shapes.flatMap(\.genericNames)
    case .function(let parameters, let returns):
      parameters.flatMap(\.shape.genericNames) + (returns?.genericNames ?? [])
    case .value, .record, .records: []
    }
  }
}
