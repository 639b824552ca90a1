/// One page of a list.
public struct Page<Element: GatewayRecord>: OperationOutput, Hashable {
  public static var shape: OutputShape { .page(Element.schema) }

  public var items: [Element]
  /// How many there are on all pages.
  public var total: Int

  public init(response: GatewayResponse) throws(GatewayError) {
    let document = try Document(answer: response)
    guard let elements = document[Element.schema.listName]?.arrayValue else {
      throw GatewayError(unreadable: response, reason: "it has no list '\(Element.schema.listName)'")
    }
    items = elements.map(Element.init(document:))
    total = document["total"]?.integerValue ?? items.count
  }
}

/// The answer of an operation that has nothing to say.
public struct NoOutput: OperationOutput, Hashable {
  public static var shape: OutputShape { .nothing }

  public init(response: GatewayResponse) {}
}

/// An exported definition: the file as the gateway wrote it.
public struct ExportedDocument: OperationOutput, Hashable {
  public static var shape: OutputShape { .file }

  /// JSON or YAML, as asked for.
  public var bytes: [UInt8]
  public var contentType: String?

  public init(response: GatewayResponse) throws(GatewayError) {
    guard !response.body.isEmpty else { throw GatewayError(unreadable: response, reason: "the file is empty") }
    bytes = response.body
    contentType = response.contentType
  }
}

/// What a batch did to each API.
public struct BatchResult: OperationOutput, Hashable {
  public static var shape: OutputShape { .batch }

  public var success: [Publication]
  public var failure: [BatchFailure]

  public init(success: [Publication] = [], failure: [BatchFailure] = []) {
    self.success = success
    self.failure = failure
  }

  public init(response: GatewayResponse) throws(GatewayError) {
    let document = try Document(answer: response)
    guard case .object = document else {
      throw GatewayError(unreadable: response, reason: "an object was expected, not \(document.typeName)")
    }
    success = (document["success"]?.arrayValue ?? []).map(Publication.init(document:))
    failure = (document["failure"]?.arrayValue ?? []).map(BatchFailure.init(document:))
  }
}
