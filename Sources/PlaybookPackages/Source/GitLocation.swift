internal import GatewayAPI

/// A git repository: `git+https://git.example.com/acme/rotate.git`, `git@git.example.com:acme/rotate.git`.
public struct GitLocation: Sendable, Hashable, CustomStringConvertible {
  enum Transport: String, Sendable, Hashable, CaseIterable {
    case https, ssh, file
  }

  /// As people write it.
  public let description: String
  let transport: Transport
  /// As git takes it.
  let url: String

  /// - Throws: ``PackageError`` of kind `usage`.
  init(_ text: String) throws(PackageError) {
    description = text
    if text.hasPrefix("git@") {
      transport = .ssh
      url = text
      guard text.wholeMatch(of: /git@[A-Za-z0-9][A-Za-z0-9.-]*:[A-Za-z0-9~_.\/][A-Za-z0-9~_.\/+%-]*/) != nil else {
        throw Self.malformed(text, "write git@HOST:PATH")
      }
      return
    }
    let address = String(text.dropFirst("git+".count))
    guard let transport = Transport.allCases.first(where: { address.hasPrefix($0.rawValue + "://") }) else {
      throw Self.malformed(text, "write git+https://, git+ssh:// or git+file:///")
    }
    self.transport = transport
    url = address
    let rest = String(address.dropFirst(transport.rawValue.count + "://".count))
    switch transport {
    case .https:
      if rest.prefix(while: { $0 != "/" }).contains("@") {
        throw Self.malformed(text.shownURL, "leave the user and the password away: apig.lock would keep them")
      }
      guard rest.wholeMatch(of: /[A-Za-z0-9\[][A-Za-z0-9.:\[\]-]*\/[A-Za-z0-9~_.\/+%-]+/) != nil else {
        throw Self.malformed(text, "write git+https://HOST/PATH")
      }
    case .ssh:
      guard
        rest.wholeMatch(of: /([A-Za-z0-9_][A-Za-z0-9._-]*@)?[A-Za-z0-9\[][A-Za-z0-9.:\[\]-]*\/[A-Za-z0-9~_.\/+%-]+/)
          != nil
      else { throw Self.malformed(text.shownURL, "write git+ssh://USER@HOST/PATH, without a password") }
    case .file:
      guard rest.hasPrefix("/"), !rest.hasPrefix("//"), rest.count > 1 else {
        throw Self.malformed(text, "write git+file:///PATH")
      }
    }
  }

  private static func malformed(_ text: String, _ hint: String) -> PackageError {
    PackageError(.usage, "'\(text)' is no address of a git repository", hint: hint)
  }
}
