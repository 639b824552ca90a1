/// The forms that a report of tests, or of what they covered, can have.
enum TestReportKind: String, ReportKind {
  case junit, tap, lcov

  func isReport(_ beginning: String) -> Bool {
    switch self {
    case .junit: XMLText.isDocument(beginning) && beginning.contains("<testsuite")
    case .tap: beginning.hasPrefix("TAP version") || beginning.hasPrefix("1..")
    case .lcov: beginning.hasPrefix("TN:") || beginning.hasPrefix("SF:")
    }
  }

  func text(_ reports: [SpecReport], _ coverage: [FileCoverage]) -> String {
    switch self {
    case .junit: JUnitReport(reports: reports).text
    case .tap: TAPReport(reports: reports).text
    case .lcov: LCOVReport(files: coverage).text
    }
  }
}
