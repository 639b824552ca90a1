internal import Foundation
package import GatewayAPI

/// Where requests go.
package struct Endpoint: Sendable, Hashable {
  /// Scheme, host and port, and a path prefix where there is one; without a slash at the end.
  package let base: String
  /// What the `Host` header says: the port only when it is not the scheme's own.
  package let hostHeader: String

  /// - Throws: ``GatewayError`` of kind `usage` for what is no http or https URL.
  package init(_ text: String) throws(GatewayError) {
    guard let url = URL(string: text), let scheme = url.scheme?.lowercased(), let host = url.host(percentEncoded: true),
      ["http", "https"].contains(scheme), !host.isEmpty, url.query == nil, url.user == nil
    else {
      throw GatewayError(
        kind: .usage, message: "'\(text)' is no endpoint", hint: "write https://HOST or http://HOST:PORT")
    }
    let bracketed = host.contains(":") ? "[\(host)]" : host
    let defaultPort = scheme == "https" ? 443 : 80
    hostHeader = url.port.map { $0 == defaultPort ? bracketed : "\(bracketed):\($0)" } ?? bracketed
    base = text.hasSuffix("/") ? String(text.dropLast()) : text
  }
}
