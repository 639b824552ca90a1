/// Wrong use of the command itself.
struct UsageError: Error, Sendable {
  let message: String
  var hint: String?
}

/// A configuration that cannot be used.
struct ConfigurationError: Error, Sendable {
  /// Where: "apig.yaml:7:3".
  var place: String?
  let message: String
  var hint: String?
}
