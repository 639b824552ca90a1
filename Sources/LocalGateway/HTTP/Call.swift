internal import GatewayAPI

/// One request for one operation, read and checked.
struct Call: Sendable {
  let product: GatewayProduct
  let projectID: String
  let instanceID: String
  /// By wire name.
  let values: [String: Document]

  func text(_ name: String) -> String? { values[name]?.stringValue }

  /// IDs of the APIs that it is about.
  var namedAPIs: [String] {
    if let one = text("api_id") { return [one] }
    return values["apis"]?.arrayValue?.compactMap(\.stringValue) ?? []
  }

  /// A field that the reader has made sure of.
  func required(_ name: String) throws -> String {
    guard let text = text(name), !text.isEmpty else { throw Fault.missing(name) }
    return text
  }
}

/// An answer.
struct Reply: Sendable {
  enum Body: Sendable {
    case none
    case json(Document)
    case file([UInt8], contentType: String)
  }

  var status: Int
  var body: Body
  /// Beside the content type and the request's ID.
  var headers: [(name: String, value: String)] = []
  /// After how many bytes of the body the connection breaks; nil to send all.
  var cutLength: Int?

  static func json(_ document: Document, status: Int = 200) -> Reply { Reply(status: status, body: .json(document)) }
  /// JSON that is printed already, as `Document.json` prints it.
  static func printed(_ json: [UInt8], status: Int = 200) -> Reply {
    Reply(status: status, body: .file(json, contentType: jsonContentType))
  }
  static let jsonContentType = "application/json; charset=utf-8"
  static let noContent = Reply(status: 204, body: .none)
}
