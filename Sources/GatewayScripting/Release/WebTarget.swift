internal import GatewayAPI
internal import LuaRuntime
internal import ReleaseEngine

/// Who a script turns to: any server, by permission; or the run's own gateway, where it serves what is published.
struct WebTarget: Sendable {
  /// As the script wrote it, with the query behind it.
  let url: String
  private let context: ScriptContext

  /// - Parameter table: the options with the secrets in them.
  /// - Throws: `GatewayError` of kind `usage` for what is no URL, or has a secret in it.
  init(_ options: CallOptions, _ table: LuaValue, in context: ScriptContext) throws(GatewayError) {
    self.context = context
    func secrets(_ option: String) -> Set<String> { table.tableValue?[option].secretNames ?? [] }
    for option in ["url", "query"] where !secrets(option).isEmpty {
      throw CallOptions.usage(
        "'\(options.function)' cannot send a secret in '\(option)': URLs are written down in many places",
        "secrets go into 'headers' or the body")
    }
    guard var url = try options.text("url") else {
      throw CallOptions.usage("'\(options.function)' needs 'url'", "write url = \"https://…\"")
    }
    guard url.hasPrefix("/") || WebOrigin(of: url) != nil, !url.contains(where: { $0.isWhitespace || $0.isNewline })
    else {
      throw CallOptions.usage(
        "bad option 'url' to '\(options.function)' ('\(url.shownURL)' is no URL)",
        "write https://HOST/PATH; a user and a password belong into 'headers'")
    }
    let query = try options.pairs("query").map { "\($0.name.percentEncoded)=\($0.value.percentEncoded)" }
    if !query.isEmpty { url += (url.contains("?") ? "&" : "?") + query.joined(separator: "&") }
    self.url = url
  }

  /// The whole URL, once it may be turned to.
  ///
  /// - Throws: `GatewayError` of kind `refused` without a permission, of kind `usage` for a path alone on a gateway
  ///   that serves elsewhere.
  ///
  /// - Parameter isWrite: whether the request may change something there.
  func permitted(isWrite: Bool = false) async throws -> String {
    let own = try await context.surroundings.dataPlane()
    if url.hasPrefix("/") {
      guard let own else {
        throw CallOptions.usage("'\(url)' is no whole URL", "only the local gateway serves what it publishes itself")
      }
      try await permitDataPlane(own, isWrite: isWrite)
      return own + url
    }
    guard let origin = WebOrigin(of: url) else { return url }
    if let own, WebOrigin(of: own) == origin {
      try await permitDataPlane(own, isWrite: isWrite)
      return url
    }
    try await context.require(.http, origin.description)
    return url
  }

  /// What is published there is for the run to look at, and so for a package that may read. Calling it with more than a
  /// read does whatever the API does behind the gateway.
  private func permitDataPlane(_ own: String, isWrite: Bool) async throws {
    guard case .package = context.principal else { return }
    guard isWrite, let origin = WebOrigin(of: own) else { return try await context.require(.read) }
    try await context.require(.http, origin.description)
  }

  /// As messages and journals show it: a query may hold secrets.
  var shown: String { url.shownURL }

  /// What the journal keeps of it: enough to tell one query from another, and none itself.
  var document: [String: Document] {
    var members: [String: Document] = ["url": .string(shown)]
    guard let question = url.firstIndex(where: { $0 == "?" || $0 == "#" }) else { return members }
    members["query_digest"] = .string(ContentDigest.salted("\(url[question...])", with: String(context.seed)))
    return members
  }
}

extension CallOptions {
  /// The option `headers`.
  func headers() throws(GatewayError) -> [WebRequest.Header] {
    try pairs("headers").map { name, value throws(GatewayError) in
      let isName = !name.isEmpty && name.utf8.allSatisfy { $0 > 32 && $0 < 127 && $0 != UInt8(ascii: ":") }
      guard isName, !value.unicodeScalars.contains(where: { $0.value < 32 && $0 != "\t" || $0.value == 127 }) else {
        throw Self.usage("bad option 'headers' to '\(function)' ('\(name.prefix(40))' cannot be sent)", nil)
      }
      return WebRequest.Header(name, value)
    }
  }
}
