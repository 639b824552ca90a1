internal import GatewayAPI
internal import ReleaseEngine

/// One thing that `doctor` looked at.
struct Check: Sendable {
  enum Outcome: String, Sendable {
    case fine
    /// Worth knowing, and no reason to fail.
    case warning
    case failed
    /// Not looked at.
    case skipped
  }

  let name: String
  let outcome: Outcome
  /// What was found.
  let detail: String
  /// What to do about it.
  var hint: String?
  /// What the process ends with when this failed.
  var status: ExitStatus = .ok

  static func fine(_ name: String, _ detail: String) -> Check { Check(name: name, outcome: .fine, detail: detail) }

  static func warning(_ name: String, _ detail: String, hint: String?) -> Check {
    Check(name: name, outcome: .warning, detail: detail, hint: hint)
  }

  static func skipped(_ name: String, _ detail: String) -> Check {
    Check(name: name, outcome: .skipped, detail: detail)
  }

  /// The failure that an error tells of, in the words and with the exit code that a run would have.
  static func failed(_ name: String, _ error: any Error) -> Check {
    let report = ErrorReport(error: error, style: Style(.never, variables: EnvironmentVariables([:]), stream: .error))
    let document = report.document
    let place = document["where"]?.stringValue.map { "\($0): " } ?? ""
    return Check(
      name: name, outcome: .failed, detail: place + (document["message"]?.stringValue ?? ""),
      hint: document["hint"]?.stringValue, status: ExitStatus(error: error, changes: RunChanges(), signal: nil))
  }

  func text(style: Style) -> String {
    let mark =
      switch outcome {
      case .fine: style.good
      case .warning: style.text("!", .waiting)
      case .failed: style.bad
      case .skipped: style.none
      }
    let line = "\(mark) \(name): \(detail.withoutControlCharacters)\n"
    return line + (hint.map { "    \($0.withoutControlCharacters)\n" } ?? "")
  }

  var document: Document {
    [
      "name": .string(name), "outcome": .string(outcome.rawValue), "detail": .string(detail),
      "hint": hint.map(Document.string) ?? .null,
    ]
  }
}
