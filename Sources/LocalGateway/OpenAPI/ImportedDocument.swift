internal import DocumentYAML
internal import GatewayAPI

/// An OpenAPI document, 2.0 or 3, of whichever author: its operations, each with what its path and the document add.
///
/// Only the document itself can be unreadable; what is wrong with one path is that path's matter.
struct ImportedDocument {
  struct Operation {
    enum Content {
      case members(Document, OperationContext)
      /// A method that the gateway does not have.
      case unsupported
      case broken(Fault)
    }

    let path: String
    let method: String
    let content: Content
  }

  let title: String
  let description: String?
  let operations: [Operation]

  private static let methods = ["get", "post", "put", "delete", "head", "patch", "options"]
  /// How the gateway spells "every method".
  static let anyMethod = "x-apigateway-any-method"
  /// Several groups' fill.
  private static let maximumOperations = 4000

  /// - Throws: ``Fault`` for what is no OpenAPI document.
  init(text: String) throws {
    let root = try Self.parse(text)
    let isTwo = root["swagger"]?.stringValue == "2.0" || root["swagger"] == .number(2)
    guard isTwo || root["openapi"]?.stringValue?.hasPrefix("3.") == true else {
      throw Fault(
        400, GatewayErrorCode(rawValue: "APIG.3601"),
        "The Swagger file version must be 2.0 or 3.0: write swagger: \"2.0\" or openapi: \"3.0.0\"")
    }
    guard let paths = root["paths"]?.objectValue else { throw Fault.syntax("it has no paths") }
    title = root["info"]?["title"]?.stringValue ?? "imported"
    description = root["info"]?["description"]?.stringValue
    let references = OpenAPIReferences(root: root)
    try Self.requireFew(paths.count)
    var operations: [Operation] = []
    for (path, item) in paths.sorted(by: { $0.key < $1.key }) where !path.hasPrefix("x-") {
      operations += Self.operations(path, item, root, references)
      // Before the rest is read: paths can share one item, a few bytes each.
      try Self.requireFew(operations.count)
    }
    self.operations = operations
  }

  private static func requireFew(_ operations: Int) throws(Fault) {
    guard operations <= maximumOperations else {
      throw Fault.syntax(
        "it has more than \(maximumOperations) operations, a group holds \(Handlers.maximumAPIsPerGroup) APIs; "
          + "import it in parts")
    }
  }

  private static func parse(_ text: String) throws(Fault) -> Document {
    // What begins like JSON is read as JSON, whose parser tells what is wrong; a flow mapping of YAML begins the same.
    let isLikeJSON = text.first { !$0.isWhitespace } == "{"
    var reason = "it is no object"
    if isLikeJSON {
      do { return try Document(json: Array(text.utf8)) } catch { reason = "\(error)" }
    }
    do {
      if let document = try YAMLText.document(from: text), case .object = document { return document }
    } catch {
      if !isLikeJSON { reason = YAMLText.reason(error) }
    }
    throw Fault(400, GatewayErrorCode(rawValue: "APIG.3600"), "JSON or YAML format error: \(reason)")
  }

  private static func operations(
    _ path: String, _ item: Document, _ root: Document, _ references: OpenAPIReferences
  ) -> [Operation] {
    do throws(Fault) {
      let item = try references.resolve(item)
      guard let members = item.objectValue else { throw Fault.syntax("\(path) is no object") }
      let context = try OperationContext(root: root, pathItem: item, references: references)
      return members.sorted { $0.key < $1.key }.compactMap { name, operation in
        if name == "trace" { return Operation(path: path, method: "TRACE", content: .unsupported) }
        guard methods.contains(name) || name == anyMethod else { return nil }
        let method = name == anyMethod ? "ANY" : name.uppercased()
        guard case .object = operation else {
          return Operation(path: path, method: method, content: .broken(Fault.syntax("\(method) is no object")))
        }
        return Operation(path: path, method: method, content: .members(operation, context))
      }
    } catch {
      return [Operation(path: path, method: "", content: .broken(error))]
    }
  }
}

extension Fault {
  /// A document that is no OpenAPI, or a part of one.
  static func syntax(_ reason: String) -> Fault {
    Fault(400, GatewayErrorCode(rawValue: "APIG.3602"), "Syntax error in the Swagger file: \(reason)")
  }
}
