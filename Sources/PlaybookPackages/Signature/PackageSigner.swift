/// Who signed a package, as the list of allowed signers calls them.
public struct PackageSigner: Sendable, Hashable, CustomStringConvertible {
  /// "ops@example.com".
  public let identity: String
  /// The fingerprint of the key: "SHA256:…".
  public let key: String

  public var description: String { "\(identity) (\(key))" }
}
