/// Results of tests as build servers read them: a suite for each file.
struct JUnitReport: Sendable {
  let reports: [SpecReport]

  var text: String {
    var text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    text += "<testsuites name=\"apig-lua test\"\(counts(reports.flatMap(\.results)))"
    text += " time=\"\(XMLText.seconds(reports.reduce(0) { $0 + $1.seconds }))\">\n"
    for report in reports { text += suite(report) }
    return text + "</testsuites>\n"
  }

  private func suite(_ report: SpecReport) -> String {
    var text = "  <testsuite name=\(XMLText.quoted(report.file))\(counts(report.results))"
    text += " time=\"\(XMLText.seconds(report.seconds))\">\n"
    for result in report.results { text += testCase(result, report) }
    return text + "  </testsuite>\n"
  }

  private func testCase(_ result: SpecResult, _ report: SpecReport) -> String {
    let group = result.names.dropLast().joined(separator: " ")
    let place = report.shown(result.place)
    var text = "    <testcase name=\(XMLText.quoted(result.names.last ?? ""))"
    text += " classname=\(XMLText.quoted(group.isEmpty ? report.file : group))"
    text += " file=\(XMLText.quoted(report.file))"
    if let line = place.split(separator: ":").last.flatMap({ Int($0) }) { text += " line=\"\(line)\"" }
    text += " time=\"\(XMLText.seconds(result.seconds))\""
    let details = ([place + ": " + result.message] + result.lines).joined(separator: "\n")
    switch result.status {
    case .passed: return text + "/>\n"
    case .pending: text += "><skipped message=\(XMLText.quoted(result.message))/>"
    case .failed: text += "><failure message=\(XMLText.quoted(result.message))>\(XMLText.escaped(details))</failure>"
    case .error: text += "><error message=\(XMLText.quoted(result.message))>\(XMLText.escaped(details))</error>"
    }
    return text + "</testcase>\n"
  }

  private func counts(_ results: [SpecResult]) -> String {
    func count(_ status: SpecResult.Status) -> Int { results.count { $0.status == status } }
    return " tests=\"\(results.count)\" failures=\"\(count(.failed))\" errors=\"\(count(.error))\""
      + " skipped=\"\(count(.pending))\""
  }
}
