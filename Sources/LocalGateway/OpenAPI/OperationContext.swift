internal import GatewayAPI

/// What an operation inherits from its path and its document.
struct OperationContext {
  let references: OpenAPIReferences
  /// Of the path, for all its operations.
  let parameters: [Document]
  private let root: Document
  private let pathItem: Document

  /// Far more than people write by hand; paths can share what stands in the document once.
  private static let maximumParameters = 200

  /// - Throws: ``Fault`` for a parameter that cannot be resolved, or too many of them.
  init(root: Document, pathItem: Document, references: OpenAPIReferences) throws(Fault) {
    self.root = root
    self.pathItem = pathItem
    self.references = references
    parameters = try Self.resolved(pathItem["parameters"], references)
  }

  /// An operation's parameters with those of its path; the operation's own win.
  func parameters(of operation: Document) throws(Fault) -> [Document] {
    func key(_ parameter: Document) -> [Document?] { [parameter["in"], parameter["name"]] }
    let own = try Self.resolved(operation["parameters"], references)
    let ownKeys = Set(own.map(key))
    return parameters.filter { !ownKeys.contains(key($0)) } + own
  }

  /// What stands before the paths: `basePath`, or the path of the first server.
  func basePath(of operation: Document) -> String {
    var path = root["basePath"]?.stringValue ?? ""
    if let url = serverURL(of: operation) {
      let rest = url.firstRange(of: "://").map { url[$0.upperBound...].drop { $0 != "/" } } ?? url[...]
      path = String(rest.prefix { $0 != "?" && $0 != "#" })
    }
    while path.hasSuffix("/") { path.removeLast() }
    return path.isEmpty || path.hasPrefix("/") ? path : "/" + path
  }

  /// The request protocol: HTTP, HTTPS or BOTH.
  func requestProtocol(of operation: Document) -> String {
    var schemes = (operation["schemes"] ?? root["schemes"])?.arrayValue?.compactMap(\.stringValue) ?? []
    if let url = serverURL(of: operation), let end = url.firstRange(of: "://") {
      schemes = [String(url[..<end.lowerBound])]
    }
    switch (schemes.contains("http"), schemes.contains("https")) {
    case (true, true): return "BOTH"
    case (true, false): return "HTTP"
    default: return "HTTPS"
    }
  }

  /// The authentication that the gateway's own security schemes stand for.
  func authentication(of operation: Document) -> Document? {
    guard let requirements = (operation["security"] ?? root["security"])?.arrayValue else { return nil }
    let schemes = root["securityDefinitions"] ?? root["components"]?["securitySchemes"]
    for name in requirements.flatMap({ $0.objectValue?.keys.sorted() ?? [] }) {
      switch schemes?[name]?["x-apigateway-auth-type"]?.stringValue {
      case "AppSigv1": return "APP"
      case "IAM": return "IAM"
      default: continue
      }
    }
    return nil
  }

  /// The nearest server, its variables at their defaults.
  private func serverURL(of operation: Document) -> String? {
    for holder in [operation, pathItem, root] {
      guard let server = holder["servers"]?.arrayValue?.first, var url = server["url"]?.stringValue else { continue }
      for (name, variable) in server["variables"]?.objectValue ?? [:] {
        url = url.replacing("{\(name)}", with: variable["default"]?.stringValue ?? "")
      }
      return url
    }
    return nil
  }

  private static func resolved(
    _ parameters: Document?, _ references: OpenAPIReferences
  ) throws(Fault) -> [Document] {
    let count = parameters?.arrayValue?.count ?? 0
    guard count <= maximumParameters else {
      throw Fault.syntax("\(count) parameters, at most \(maximumParameters) are read")
    }
    var resolved: [Document] = []
    for parameter in parameters?.arrayValue ?? [] { resolved.append(try references.resolve(parameter)) }
    return resolved
  }
}
