/// One operation of the management API as a type: its stored properties are
/// the fields, its declaration the only place where the wire is spelled.
///
/// The request, the Lua function with its argument checks, `help`, the type
/// stubs and the manual are made from ``declaration``. A new operation is one
/// file like those in `Operations/`, one line in ``OperationCatalog``, and the
/// local gateway's handler.
public protocol GatewayOperation: Sendable {
  associatedtype Output: OperationOutput
  init()
  /// Its name in scripts, the documented verb: `switch_version`. It stands apart from the declaration, so that a program
  /// can name every operation without making every declaration.
  static var name: String { get }
  static var declaration: OperationDeclaration<Self> { get }
  /// The form of its answers. Asked of each operation's own type: what `Output` is would else be searched for among all
  /// types of the program, at each start.
  static var outputShape: OutputShape { get }
}

/// An answer that a response can be read into.
public protocol OperationOutput: Sendable {
  static var shape: OutputShape { get }

  /// Reads a successful answer.
  ///
  /// - Throws: ``GatewayError`` of kind `unavailable` when the body cannot be read.
  init(response: GatewayResponse) throws(GatewayError)

  /// The whole answer as a value, which ``init(document:)`` reads again.
  var document: Document { get }

  /// - Throws: ``GatewayError`` of kind `unavailable` for what ``document`` does not write.
  init(document: Document) throws(GatewayError)
}

/// The facts of an operation bound to its Swift type.
public struct OperationDeclaration<Operation: GatewayOperation>: Sendable {
  public let descriptor: OperationDescriptor
  let fields: [OperationField<Operation>]

  /// - Parameter isRepeatable: whether sending it twice does no more than sending it once; unless given, reads alone.
  public init(
    _ method: HTTPMethod, _ path: PathTemplate, status: Int = 200, effect: OperationEffect,
    isRepeatable: Bool? = nil, undo: UndoRule = .none, batchAction: Batch.Action? = nil,
    fixedBody: [String: Document] = [:],
    summary: String, reference: String, fields: [OperationField<Operation>] = []
  ) {
    self.fields = fields
    descriptor = OperationDescriptor(
      name: Operation.name, summary: summary, reference: reference, method: method, path: path,
      fields: fields.map(\.descriptor), fixedBody: fixedBody, status: status, effect: effect,
      isRepeatable: isRepeatable ?? (effect == .read), undo: undo,
      batchAction: batchAction, output: Operation.outputShape)
  }
}

extension GatewayOperation {
  public static var descriptor: OperationDescriptor { declaration.descriptor }

  public static var outputShape: OutputShape { Output.shape }

  /// Makes the operation from values by wire name.
  ///
  /// - Throws: ``GatewayError`` of kind `usage` for a value that a field does not take.
  public static func make(_ values: [String: Document]) throws(GatewayError) -> Self {
    var operation = Self()
    for field in declaration.fields {
      guard let value = values[field.descriptor.name], value != .null else { continue }
      try field.descriptor.validate(value)
      guard field.write(&operation, value) else {
        preconditionFailure("the property of '\(field.descriptor.name)' does not take what its type allows")
      }
    }
    return operation
  }

  /// The value of each field that is set, by wire name.
  public var values: [String: Document] {
    var values: [String: Document] = [:]
    for field in Self.declaration.fields {
      if let value = field.read(self) { values[field.descriptor.name] = value }
    }
    return values
  }

  /// The request that carries this operation out.
  ///
  /// - Parameter address: the gateway it is for.
  /// - Throws: ``GatewayError`` of kind `usage` for a missing or wrong field: nothing that
  ///   the documentation rules out is ever sent.
  public func request(for address: GatewayAddress) throws(GatewayError) -> GatewayRequest {
    let descriptor = Self.descriptor
    var pathValues = ["project_id": address.projectID, "instance_id": address.instanceID]
    var query: [GatewayRequest.QueryItem] = []
    var members = descriptor.fixedBody
    var body = GatewayRequest.Body.none
    var form = MultipartBody()
    for field in Self.declaration.fields {
      let facts = field.descriptor
      guard let value = try Self.sentValue(field, of: self, to: address.product) else { continue }
      switch facts.location {
      case .path: pathValues[facts.name] = Self.text(of: value)
      case .query: query.append(GatewayRequest.QueryItem(facts.name, Self.text(of: value)))
      case .body: members[facts.name] = value
      case .wholeBody: body = .json(value)
      case .form: form.add(facts.name, Self.text(of: value))
      case .formFile: form.add(facts.name, file: Self.text(of: value))
      case .script: break
      }
    }
    if !form.isEmpty { body = .bytes(form.bytes, contentType: form.contentType) }
    if !members.isEmpty { body = .json(.object(members)) }
    return GatewayRequest(
      operation: descriptor.name, method: descriptor.method,
      path: Self.fill(descriptor.path.template(for: address.product), with: pathValues), query: query, body: body,
      isWrite: descriptor.effect == .write, isRepeatable: descriptor.isRepeatable)
  }

  private static func sentValue(
    _ field: OperationField<Self>, of operation: Self, to product: GatewayProduct
  ) throws(GatewayError) -> Document? {
    let facts = field.descriptor
    let given = field.read(operation)
    let isEmptyReference = facts.isRequired && given == .string("")
    guard let value = isEmptyReference ? nil : given ?? facts.defaultValue else {
      guard !facts.isRequired else {
        throw GatewayError(
          kind: .usage, message: "'\(descriptor.name)' needs '\(facts.scriptName)'", operation: descriptor.name)
      }
      return nil
    }
    if let only = facts.product, only != product {
      if given == nil { return nil }
      throw GatewayError(
        kind: .usage, message: "\(product.title) has no '\(facts.scriptName)' in '\(descriptor.name)'",
        hint: "only \(only.title) (product: \(only.rawValue)) knows it", operation: descriptor.name)
    }
    try facts.validate(value)
    return value
  }

  private static func text(of value: Document) -> String {
    value.stringValue ?? value.jsonText
  }

  private static func fill(_ template: String, with values: [String: String]) -> String {
    template.split(separator: "/", omittingEmptySubsequences: false).map { segment in
      guard segment.first == "{", segment.last == "}" else { return String(segment) }
      return (values[String(segment.dropFirst().dropLast())] ?? "").percentEncoded
    }.joined(separator: "/")
  }
}
