/// Results of tests as build servers read them: a suite for each file.
struct JUnitReport: Sendable {
  let reports: [SpecReport]

  var text: String {
    var text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    text += "<testsuites name=\"apig-lua test\"\(counts(reports.flatMap(\.results)))"
    text += " time=\"\(time(reports.reduce(0) { $0 + $1.seconds }))\">\n"
    for report in reports { text += suite(report) }
    return text + "</testsuites>\n"
  }

  private func suite(_ report: SpecReport) -> String {
    var text = "  <testsuite name=\(quoted(report.file))\(counts(report.results)) time=\"\(time(report.seconds))\">\n"
    for result in report.results { text += testCase(result, report) }
    return text + "  </testsuite>\n"
  }

  private func testCase(_ result: SpecResult, _ report: SpecReport) -> String {
    let group = result.names.dropLast().joined(separator: " ")
    let place = report.shown(result.place)
    var text =
      "    <testcase name=\(quoted(result.names.last ?? "")) classname=\(quoted(group.isEmpty ? report.file : group))"
    text += " file=\(quoted(report.file))"
    if let line = place.split(separator: ":").last.flatMap({ Int($0) }) { text += " line=\"\(line)\"" }
    text += " time=\"\(time(result.seconds))\""
    let details = ([place + ": " + result.message] + result.lines).joined(separator: "\n")
    switch result.status {
    case .passed: return text + "/>\n"
    case .pending: text += "><skipped message=\(quoted(result.message))/>"
    case .failed: text += "><failure message=\(quoted(result.message))>\(escaped(details))</failure>"
    case .error: text += "><error message=\(quoted(result.message))>\(escaped(details))</error>"
    }
    return text + "</testcase>\n"
  }

  private func counts(_ results: [SpecResult]) -> String {
    func count(_ status: SpecResult.Status) -> Int { results.count { $0.status == status } }
    return " tests=\"\(results.count)\" failures=\"\(count(.failed))\" errors=\"\(count(.error))\""
      + " skipped=\"\(count(.pending))\""
  }

  private func time(_ seconds: Double) -> String {
    let milliseconds = Int((seconds * 1000).rounded())
    let fraction = String(milliseconds % 1000)
    return "\(milliseconds / 1000).\(String(repeating: "0", count: 3 - fraction.count))\(fraction)"
  }

  private func quoted(_ text: String) -> String {
    "\"\(escaped(text).replacing("\n", with: "&#10;").replacing("\t", with: "&#9;"))\""
  }

  /// XML has no form at all for most control characters.
  private func escaped(_ text: String) -> String {
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
}
