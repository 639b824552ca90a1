internal import Foundation
public import GatewayAPI

/// Which requests go through a proxy, and which never do.
public struct ProxySettings: Sendable, Hashable {
  /// For `https` endpoints; nil for none.
  public var https: HTTPProxy?
  /// For `http` endpoints; nil for none.
  public var http: HTTPProxy?
  /// Hosts that need no proxy: `example.com` (and what ends in `.example.com`), `.example.com`, `host:port`, an
  /// address, or `*` for all.
  public var exceptions: [String]
  /// Whether endpoints on this machine may go through a proxy, too.
  public var includesLoopback = false

  /// No proxies.
  public init() { exceptions = [] }

  /// What the customary variables say: `HTTPS_PROXY`, `HTTP_PROXY`, `NO_PROXY`, in lower case first.
  ///
  /// - Throws: `GatewayError` of kind `usage` for what is no proxy's URL; it never shows the credentials in it.
  public init(variable: (String) -> String?) throws(GatewayError) {
    func value(_ name: String) -> (name: String, text: String)? {
      if let text = variable(name.lowercased()) { return (name.lowercased(), text) }
      return variable(name).map { (name, $0) }
    }
    if let (name, text) = value("HTTPS_PROXY") { https = try HTTPProxy(text, from: name) }
    if let (name, text) = value("HTTP_PROXY") { http = try HTTPProxy(text, from: name) }
    exceptions =
      value("NO_PROXY")?.text.split { $0 == "," || $0 == " " }.map { $0.lowercased() }.filter { !$0.isEmpty } ?? []
  }

  /// The proxy that requests to an endpoint go through; nil for none.
  package func proxy(for endpoint: Endpoint) -> HTTPProxy? {
    guard includesLoopback || !endpoint.isLoopback, !exceptions.contains(where: { $0.excepts(endpoint) }) else {
      return nil
    }
    return endpoint.isSecure ? https : http
  }
}

extension String {
  /// Whether this entry of `NO_PROXY` means the endpoint.
  fileprivate func excepts(_ endpoint: Endpoint) -> Bool {
    if self == "*" { return true }
    var name = self[...]
    if let colon = lastIndex(of: ":"), let port = Int(self[index(after: colon)...]),
      !self[..<colon].contains(":") || contains("]")
    {
      guard port == endpoint.port else { return false }
      name = self[..<colon]
    }
    if name.hasPrefix("[") { name = name.dropFirst().prefix { $0 != "]" } }
    if name.hasPrefix("*") { name = name.dropFirst() }
    if name.hasPrefix(".") { name = name.dropFirst() }
    let host = endpoint.host.lowercased()
    return !name.isEmpty && (host == name || host.hasSuffix(".\(name)"))
  }
}

/// One proxy, and what it may ask for.
public struct HTTPProxy: Sendable, Hashable {
  public var host: String
  public var port: Int
  /// `user:password`, sent to the proxy alone.
  public var credentials: String?

  public init(host: String, port: Int, credentials: String? = nil) {
    self.host = host
    self.port = port
    self.credentials = credentials
  }

  /// - Parameters:
  ///   - text: `http://USER:PASSWORD@HOST:PORT`; all but the host may be left out.
  ///   - source: where the text comes from, for messages.
  init(_ text: String, from source: String) throws(GatewayError) {
    var rest = text[...]
    if let scheme = text.firstRange(of: "://") {
      guard text[..<scheme.lowerBound].lowercased() == "http" else {
        throw Self.malformed(source, "only proxies at http:// are supported")
      }
      rest = text[scheme.upperBound...]
    }
    if let slash = rest.firstIndex(of: "/") { rest = rest[..<slash] }
    if let at = rest.lastIndex(of: "@") {
      guard let credentials = rest[..<at].removingPercentEncoding else {
        throw Self.malformed(source, "its user or password is not percent-encoded")
      }
      self.credentials = credentials
      rest = rest[rest.index(after: at)...]
    }
    let isBracketed = rest.hasPrefix("[")
    let end = isBracketed ? rest.firstIndex(of: "]").map { rest.index(after: $0) } : rest.firstIndex(of: ":")
    let name = rest[..<(end ?? rest.endIndex)].filter { $0 != "[" && $0 != "]" }
    let tail = rest[(end ?? rest.endIndex)...]
    guard !name.isEmpty, !name.contains(where: \.isWhitespace) else { throw Self.malformed(source, "it names no host") }
    guard tail.isEmpty || (tail.first == ":" && UInt16(tail.dropFirst()) != nil) else {
      throw Self.malformed(source, "its port is no number")
    }
    host = name
    port = tail.isEmpty ? 80 : Int(tail.dropFirst()) ?? 80
  }

  private static func malformed(_ source: String, _ reason: String) -> GatewayError {
    GatewayError(
      kind: .usage, message: "\(source) is no proxy: \(reason)",
      hint: "write http://HOST:PORT or http://USER:PASSWORD@HOST:PORT")
  }
}

extension HTTPProxy: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  /// Host and port, never the credentials, however it is printed.
  public var description: String { "\(host.contains(":") ? "[\(host)]" : host):\(port)" }
  public var debugDescription: String { description }
  public var customMirror: Mirror { Mirror(self, children: ["address": description]) }
}
