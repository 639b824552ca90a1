internal import GatewayAPI
internal import LuaRuntime

/// Durations as people type them: `90s`, `5m`, `1h30m`, or seconds as a plain number.
enum DurationText {
  private static let units: [Character: Double] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]

  /// The duration in seconds, an integer when it is whole; nil for what is no duration.
  static func seconds(_ text: String) -> LuaValue? {
    if let number = Double(text), number.isFinite, number >= 0 { return value(number) }
    var total = 0.0
    var digits = ""
    var parts = 0
    for character in text.replacing("ms", with: "µ") {
      if character.isASCII, character.isNumber || character == "." {
        digits.append(character)
      } else if let unit = character == "µ" ? 0.001 : units[character], let number = Double(digits) {
        total += number * unit
        digits = ""
        parts += 1
      } else {
        return nil
      }
    }
    return parts > 0 && digits.isEmpty ? value(total) : nil
  }

  private static func value(_ seconds: Double) -> LuaValue {
    Int64(exactly: seconds).map(LuaValue.integer) ?? .number(seconds)
  }
}

extension Duration {
  /// A duration as people type it: `90s`, `5m`, `1h30m`, or seconds as a plain number; nil for anything else.
  package init?(text: String) {
    guard let seconds = DurationText.seconds(text)?.numberValue, seconds < 1e9 else { return nil }
    self = .milliseconds(Int64((seconds * 1000).rounded()))
  }
}

/// Moments as people type them: RFC 3339, or `2 hours ago`.
enum TimeText {
  /// The moment in RFC 3339; nil for what is none.
  static func timestamp(_ text: String, now: Timestamp) -> String? {
    Timestamp(text) != nil ? text : Timestamp(ago: text, now: now)?.text
  }
}
