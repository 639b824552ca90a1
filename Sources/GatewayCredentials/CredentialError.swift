/// A credential that is missing, incomplete or unusable: what was found, where, and what to do.
public struct CredentialError: Error, Sendable, Hashable {
  /// Where it is written: "config.yaml:7:5"; nil when it is written nowhere.
  public var place: String?
  /// What happened, one sentence without a full stop and without any secret.
  public var message: String
  /// What to do next.
  public var hint: String?

  public init(place: String? = nil, message: String, hint: String? = nil) {
    self.place = place
    self.message = message
    self.hint = hint
  }
}

extension CredentialError: CustomStringConvertible {
  public var description: String { (place.map { "\($0): " } ?? "") + message + (hint.map { " (\($0))" } ?? "") }
}

/// Refuses what no key and no token holds, before it ends up in a header or a signature.
///
/// - Throws: ``CredentialError``, which names the value and never shows it.
func checkCharacters(_ value: String, of name: String, place: String? = nil) throws(CredentialError) {
  // A line break would begin another header; one at the end is what `$(cat file)` and editors leave.
  guard value.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
    throw CredentialError(
      place: place, message: "\(name) holds characters that no key or token has",
      hint: "a line break or a blank at its end?")
  }
}
