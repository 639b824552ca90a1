/// Something in a script that is wrong, or likely to be.
public struct ScriptFinding: Sendable, Hashable {
  public enum Severity: String, Sendable {
    /// The script fails there when it comes to it.
    case error
    /// It runs, and may not do what is meant.
    case warning
  }

  public var severity: Severity
  /// Which rule found it: `unknown-option`.
  public var rule: String
  /// Where it begins; nil when it is about the file as a whole.
  public var start: ScriptPosition?
  /// Where it ends: the first character behind it.
  public var end: ScriptPosition?
  /// One sentence, without a full stop.
  public var message: String
  /// What to write instead, or what to do about it.
  public var hint: String?

  public init(
    _ severity: Severity, rule: String, start: ScriptPosition? = nil, end: ScriptPosition? = nil, message: String,
    hint: String? = nil
  ) {
    self.severity = severity
    self.rule = rule
    self.start = start
    self.end = end
    self.message = message
    self.hint = hint
  }
}
