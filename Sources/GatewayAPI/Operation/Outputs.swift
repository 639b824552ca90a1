/// One page of a list.
public struct Page<Element: GatewayRecord>: OperationOutput, Hashable {
  public static var shape: OutputShape { .page(Element.schema) }

  public var items: [Element]
  /// How many there are on all pages.
  public var total: Int

  public init(response: GatewayResponse) throws(GatewayError) {
    let document = try Document(answer: response)
    guard document[Element.schema.listName]?.arrayValue != nil else {
      throw GatewayError(unreadable: response, reason: "it has no list '\(Element.schema.listName)'")
    }
    self.init(document: document)
  }

  public init(document: Document) {
    items = (document[Element.schema.listName]?.arrayValue ?? []).map(Element.init(document:))
    total = document["total"]?.integerValue ?? items.count
  }

  public var document: Document {
    [Element.schema.listName: .array(items.map(\.document)), "total": .integer(Int64(total))]
  }
}

/// The answer of an operation that has nothing to say.
public struct NoOutput: OperationOutput, Hashable {
  public static var shape: OutputShape { .nothing }

  public init(response: GatewayResponse) {}
  public init(document: Document) {}
  public var document: Document { .null }
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

  public init(document: Document) throws(GatewayError) {
    guard let text = document["text"]?.stringValue else {
      throw GatewayError(kind: .unavailable, message: "an exported file was expected, not \(document.typeName)")
    }
    bytes = Array(text.utf8)
    contentType = document["content_type"]?.stringValue
  }

  /// A file that is not UTF-8, which no definition is, comes back with replacement characters.
  public var document: Document {
    [
      "text": .string(String(decoding: bytes, as: UTF8.self)),
      "content_type": contentType.map(Document.string) ?? .null,
    ]
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
    self.init(document: document)
  }

  public var document: Document {
    ["success": .array(success.map(\.document)), "failure": .array(failure.map(\.document))]
  }

  public init(document: Document) {
    success = (document["success"]?.arrayValue ?? []).map(Publication.init(document:))
    failure = (document["failure"]?.arrayValue ?? []).map(BatchFailure.init(document:))
  }
}
