/// Text in XML.
enum XMLText {
  /// An attribute's value, in its quotation marks.
  static func quoted(_ text: String) -> String {
    "\"\(escaped(text).replacing("\n", with: "&#10;").replacing("\t", with: "&#9;"))\""
  }

  /// XML has no form at all for most control characters.
  static func escaped(_ text: String) -> String {
    var escaped = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": escaped += "&amp;"
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      case "\"": escaped += "&quot;"
      case "\n", "\t": escaped.unicodeScalars.append(scalar)
      case _ where scalar.value < 32 || scalar.value == 0xFFFE || scalar.value == 0xFFFF: escaped += "\u{FFFD}"
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }

  /// Whether a file that begins so is a document.
  static func isDocument(_ beginning: String) -> Bool { beginning.hasPrefix("<?xml") }

  /// Seconds, to the millisecond.
  static func seconds(_ seconds: Double) -> String {
    let milliseconds = Int((seconds * 1000).rounded())
    let fraction = String(milliseconds % 1000)
    return "\(milliseconds / 1000).\(String(repeating: "0", count: 3 - fraction.count))\(fraction)"
  }
}
