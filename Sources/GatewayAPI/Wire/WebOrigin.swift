internal import Foundation

/// Scheme, host and port of a URL: what permissions to turn to a server are about.
public struct WebOrigin: Sendable, Hashable, CustomStringConvertible {
  /// `https://api.example.com`, with the port where it is not the scheme's own; in lower case.
  public let description: String
  /// Without the brackets of an IPv6 address.
  public let host: String
  public let port: Int
  public let isSecure: Bool

  /// The origin of a URL; nil for what is no http or https URL, or holds a user or a password.
  public init?(of url: String) {
    guard let url = URL(string: url), let scheme = url.scheme?.lowercased(), ["http", "https"].contains(scheme),
      let host = url.host(percentEncoded: true)?.lowercased(), !host.isEmpty, url.user == nil,
      url.port.map({ (1...65_535).contains($0) }) ?? true
    else { return nil }
    let defaultPort = scheme == "https" ? 443 : 80
    self.host = host
    port = url.port ?? defaultPort
    isSecure = scheme == "https"
    let name = host.contains(":") ? "[\(host)]" : host
    description = "\(scheme)://\(name)" + (port == defaultPort ? "" : ":\(port)")
  }
}

extension String {
  /// A URL as messages and journals show it: without user, password, query and fragment, which may hold secrets. Works
  /// on what is no URL, too.
  package var shownURL: String {
    let plain = prefix { $0 != "?" && $0 != "#" }
    // A password may itself hold a slash or an at sign; where there is none, they belong to the path.
    guard WebOrigin(of: self) == nil, !hasPrefix("/"), let at = plain.lastIndex(of: "@") else { return String(plain) }
    let scheme = plain.firstRange(of: "://").map { plain[..<$0.upperBound] } ?? ""
    return "\(scheme)…@\(plain[plain.index(after: at)...])"
  }
}
