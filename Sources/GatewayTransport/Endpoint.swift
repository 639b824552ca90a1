internal import Foundation
package import GatewayAPI

/// Where requests go.
package struct Endpoint: Sendable, Hashable {
  /// Scheme, host and port, and a path prefix where there is one; without a slash at the end.
  package let base: String
  /// What the `Host` header says: the port only when it is not the scheme's own.
  package let hostHeader: String
  /// Without the brackets of an IPv6 address.
  let host: String
  let port: Int
  let isSecure: Bool

  /// - Throws: `GatewayError` of kind `usage` for what is no http or https URL.
  package init(_ text: String) throws(GatewayError) {
    guard let url = URL(string: text), let scheme = url.scheme?.lowercased(), let host = url.host(percentEncoded: true),
      ["http", "https"].contains(scheme), !host.isEmpty, url.query == nil, url.fragment == nil, url.user == nil,
      url.port.map({ (1...65_535).contains($0) }) ?? true
    else {
      throw GatewayError(
        kind: .usage, message: "'\(text)' is no endpoint", hint: "write https://HOST or http://HOST:PORT")
    }
    let bracketed = host.contains(":") ? "[\(host)]" : host
    let defaultPort = scheme == "https" ? 443 : 80
    self.host = host
    port = url.port ?? defaultPort
    isSecure = scheme == "https"
    hostHeader = port == defaultPort ? bracketed : "\(bracketed):\(port)"
    base = text.hasSuffix("/") ? String(text.dropLast()) : text
  }

  /// Whether it is on this machine.
  var isLoopback: Bool {
    let name = host.lowercased()
    return name == "localhost" || name.hasSuffix(".localhost") || name == "::1" || Self.isLoopbackAddress(name)
  }

  private static func isLoopbackAddress(_ text: String) -> Bool {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
  }
}
