/// Wrong use of the command itself.
struct UsageError: Error, Sendable {
  let message: String
  var hint: String?
}

/// A configuration that cannot be used.
struct ConfigurationError: Error, Sendable {
  /// Where: "apig.yaml:7".
  var place: String?
  let message: String
  var hint: String?
}

/// A credential that is missing or incomplete.
struct CredentialError: Error, Sendable {
  let message: String
  var hint: String?
}
