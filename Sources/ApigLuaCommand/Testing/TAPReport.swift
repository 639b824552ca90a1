internal import GatewayAPI

/// Results of tests as the Test Anything Protocol, version 13.
struct TAPReport: Sendable {
  let reports: [SpecReport]

  var text: String {
    let results = reports.flatMap { report in report.results.map { (report, $0) } }
    var text = "TAP version 13\n1..\(results.count)\n"
    for (index, (report, result)) in results.enumerated() {
      // A hash would begin a directive.
      let name = result.name.withoutControlCharacters.replacing("#", with: "\\#")
      text += "\(result.isBad ? "not ok" : "ok") \(index + 1) - \(name)"
      if result.status == .pending { text += " # SKIP \(result.message.withoutControlCharacters)" }
      text += "\n"
      if result.isBad { text += details(result, report) }
    }
    return text
  }

  /// JSON is YAML, and leaves no question of quotes.
  private func details(_ result: SpecResult, _ report: SpecReport) -> String {
    var text = "  ---\n"
    text += "  message: \(Document.string(result.message).jsonText)\n"
    text += "  severity: \(result.status == .error ? "error" : "fail")\n"
    text += "  at: \(Document.string(report.shown(result.place)).jsonText)\n"
    if !result.lines.isEmpty {
      text += "  differences: \(Document.array(result.lines.map(Document.string)).jsonText)\n"
    }
    return text + "  ...\n"
  }
}
