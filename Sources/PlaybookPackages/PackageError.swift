/// Why a package, or a file that speaks of packages, is not taken.
public struct PackageError: Error, Sendable, Hashable {
  public enum Kind: Sendable, Hashable {
    /// A name, a version or a source that nobody could have meant.
    case usage
    /// A file that is not of its form: a manifest, a lock, a policy.
    case malformed
    /// It is not what it should be, or not allowed: tampered with, not granted, not signed.
    case refused
    /// No versions fit together.
    case conflict
    /// Where it comes from does not answer, or does not have it.
    case unavailable
    /// It is locked, and was not installed yet.
    case notInstalled
  }

  public let kind: Kind
  /// Where: "package.yaml:7:3", "apig.lock", an archive's name.
  public var place: String?
  public let message: String
  public var hint: String?

  public init(_ kind: Kind, place: String? = nil, _ message: String, hint: String? = nil) {
    self.kind = kind
    self.place = place
    self.message = message
    self.hint = hint
  }
}
