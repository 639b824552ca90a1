/// The fields that a kind of record is documented to have.
///
/// Reading another field of a record in a script is an error, so the schema
/// must be complete; what a newer gateway sends beside it stays readable.
public struct RecordSchema: Sendable, Hashable {
  /// The word for one of them in messages: "version".
  public let name: String
  /// One sentence.
  public let summary: String
  /// Member of a list's answer that holds them: "api_versions".
  public let listName: String
  public let fields: [Field]

  public struct Field: Sendable, Hashable {
    public let name: String
    /// Lua's type of its value: "string", "integer", "boolean", "table", "list".
    public let type: String
    public let help: String

    public init(_ name: String, _ type: String, _ help: String) {
      self.name = name
      self.type = type
      self.help = help
    }
  }

  public init(_ name: String, listName: String = "", summary: String, fields: [Field]) {
    self.name = name
    self.summary = summary
    self.listName = listName
    self.fields = fields
  }
}

/// A record of the gateway: the answer's members as they came, with typed access to what code decides by.
public protocol GatewayRecord: OperationOutput, Hashable {
  static var schema: RecordSchema { get }
  var document: Document { get }
  init(document: Document)
}

extension GatewayRecord {
  public static var shape: OutputShape { .record(schema) }

  public init(response: GatewayResponse) throws(GatewayError) {
    let document = try Document(answer: response)
    guard case .object = document else {
      throw GatewayError(unreadable: response, reason: "an object was expected, not \(document.typeName)")
    }
    self.init(document: document)
  }

  /// A member that holds text; nil when it is absent or null.
  func text(_ name: String) -> String? { document[name]?.stringValue }
}

extension Document {
  /// The JSON body of a successful answer.
  ///
  /// - Throws: ``GatewayError`` of kind `unavailable`.
  init(answer response: GatewayResponse) throws(GatewayError) {
    do {
      try self.init(json: response.body)
    } catch {
      throw GatewayError(unreadable: response, reason: "\(error)")
    }
  }
}
