/// What the user gave for a playbook's parameters, before anyone knows their types.
public struct ParameterValues: Sendable {
  /// The words behind the script on the command line.
  public var arguments: [String]
  /// Values by name: `-p NAME=VALUE`.
  public var named: [(name: String, value: String)]

  public init(arguments: [String] = [], named: [(name: String, value: String)] = []) {
    self.arguments = arguments
    self.named = named
  }
}

/// A parameter that is missing, unknown or of the wrong form: wrong usage of the playbook, not its failure.
public struct ParameterError: Error, Sendable, CustomStringConvertible {
  public let message: String
  public let hint: String?

  public var description: String { hint.map { "\(message) (\($0))" } ?? message }
}
