public import GatewayAPI

/// An OpenAPI 3 or Swagger 2.0 document, read as far as callers notice it.
///
/// Both come out in one form, so that an export of either kind compares with one of the other. What says when a
/// document was made is left out: `info`, the host, the order of members.
public struct OpenAPIDefinition: Sendable {
  /// `info.title`: the API group's name in an export.
  public let title: String?
  let operations: [OperationKey: DefinedOperation]
  /// Whether the gateway wrote down back ends, too.
  public var definesBackends: Bool {
    operations.values.contains { $0.extensions["x-apigateway-backend"] != nil }
  }
  /// What the gateway adds to the document as a whole.
  let extensions: [String: Document]
  let references: DefinitionReferences

  /// Whether a value calls itself such a document.
  public static func isDefinition(_ document: Document) -> Bool {
    document["openapi"] != nil || document["swagger"] != nil
  }

  /// - Throws: ``DefinitionUnreadable`` for what is no such document.
  public init(_ document: Document) throws(DefinitionUnreadable) {
    guard Self.isDefinition(document) else {
      throw DefinitionUnreadable(reason: "it has neither 'openapi' nor 'swagger'")
    }
    // In Lua an empty table is as much a list as an object.
    let document = document.withEmptyListsAsObjects
    let paths = document["paths"] ?? [:]
    guard let pathItems = paths.objectValue else {
      throw DefinitionUnreadable(reason: "'paths' is a \(paths.typeName), not an object")
    }
    title = document["info"]?["title"]?.stringValue
    references = DefinitionReferences(root: document)
    extensions = (document.objectValue ?? [:]).filter { $0.key.hasPrefix("x-") }
    let base = Self.basePath(of: document)
    var operations: [OperationKey: DefinedOperation] = [:]
    for (path, item) in pathItems where path.hasPrefix("/") {
      let item = references.resolved(item)
      for (member, operation) in item.objectValue ?? [:] {
        guard let method = Self.methods[member], case .object = operation else { continue }
        let key = OperationKey(path: base + path, method: method)
        operations[key] = DefinedOperation(operation, key: key, item: item, document: document, references: references)
      }
    }
    self.operations = operations
  }

  private static let methods: [String: String] = {
    let names = ["get", "put", "post", "delete", "options", "head", "patch", "trace"]
    return Dictionary(uniqueKeysWithValues: names.map { ($0, $0.uppercased()) })
      .merging(["x-apigateway-any-method": OperationKey.anyMethod]) { first, _ in first }
  }()

  /// What stands before every path: `basePath`, or the path of the first server.
  private static func basePath(of document: Document) -> String {
    var path = document["basePath"]?.stringValue ?? ""
    if let url = document["servers"]?.arrayValue?.first?["url"]?.stringValue {
      let host = url.firstRange(of: "://").map { url[$0.upperBound...] }
      path = host.map { $0.firstIndex(of: "/").map { String(url[$0...]) } ?? "" } ?? url
    }
    while path.hasSuffix("/") { path.removeLast() }
    return path
  }
}

extension Document {
  fileprivate var withEmptyListsAsObjects: Document {
    switch self {
    case .array(let elements):
      elements.isEmpty ? .object([:]) : .array(elements.map(\.withEmptyListsAsObjects))
    case .object(let members): .object(members.mapValues(\.withEmptyListsAsObjects))
    default: self
    }
  }
}

/// Why a document cannot be compared.
public struct DefinitionUnreadable: Error, Sendable, Hashable {
  /// "'paths' is a string, not an object"
  public let reason: String
}

/// Which operation of a document.
struct OperationKey: Hashable, Comparable, Sendable {
  static let anyMethod = "ANY"

  let path: String
  let method: String

  static func < (left: OperationKey, right: OperationKey) -> Bool {
    (left.path, left.method) < (right.path, right.method)
  }

  /// The path with its parameters' names left out: callers never see them.
  var shape: OperationKey {
    let segments = path.split(separator: "/", omittingEmptySubsequences: false).map { segment -> String in
      guard let open = segment.firstIndex(of: "{"), let close = segment.lastIndex(of: "}"), open < close else {
        return String(segment)
      }
      let mark = segment[segment.index(after: open)] == "+" ? "{+}" : "{}"
      return segment[..<open] + mark + segment[segment.index(after: close)...]
    }
    return OperationKey(path: segments.joined(separator: "/"), method: method)
  }

  /// The names of the path's parameters, in their order.
  var parameterNames: [String] {
    path.split(separator: "{").dropFirst().compactMap { part in
      part.firstIndex(of: "}").map { part[..<$0].drop { $0 == "+" } }.map(String.init)
    }
  }
}
