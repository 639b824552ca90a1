/// Why a text is no fault rule, and where.
public struct FaultRuleError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The text, whole.
  public let rule: String
  /// Place of the part that cannot be read, in characters from the beginning.
  public let offset: Int
  /// Length of that part, in characters; at least 1.
  public let length: Int
  /// What is wrong, one sentence without a full stop.
  public let message: String
  /// What would be right.
  public let hint: String?

  /// The text, and a line of carets under the part.
  public var excerpt: String {
    let line = String(rule.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : Character($0) })
    return "\(line)\n\(String(repeating: " ", count: offset))\(String(repeating: "^", count: length))"
  }

  public var description: String { "\(message)\(hint.map { " (\($0))" } ?? "")\n\(excerpt)" }
}
