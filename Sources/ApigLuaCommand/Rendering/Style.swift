/// How messages look on this terminal: colours carry meaning only, and never alone.
struct Style: Sendable {
  enum Meaning: String, Sendable {
    case changedWell = "32"
    case waiting = "33"
    case failed = "31"
    case faint = "2"
  }

  let hasColor: Bool
  let hasUnicode: Bool

  init(_ choice: ColorChoice, variables: EnvironmentVariables, stream: StandardStream) {
    hasColor =
      switch choice {
      case .always: true
      case .never: false
      case .auto: stream.isTerminal
      }
    let locale = variables["LC_ALL"] ?? variables["LC_CTYPE"] ?? variables["LANG"] ?? ""
    let letters = locale.uppercased().filter { $0 != "-" }
    hasUnicode = letters.indices.contains { letters[$0...].hasPrefix("UTF8") }
  }

  func text(_ text: String, _ meaning: Meaning) -> String {
    hasColor ? "\u{1B}[\(meaning.rawValue)m\(text)\u{1B}[0m" : text
  }

  var good: String { text(hasUnicode ? "✔" : "ok:", .changedWell) }
  var bad: String { text(hasUnicode ? "✘" : "error:", .failed) }
  var arrow: String { hasUnicode ? "→" : "->" }
  var ellipsis: String { hasUnicode ? "…" : "..." }
  var none: String { hasUnicode ? "–" : "-" }
  var separator: String { hasUnicode ? "·" : "|" }
}
