/// The forms that a report of tests can have.
enum TestReportKind: String, ReportKind {
  case junit, tap

  func isReport(_ beginning: String) -> Bool {
    switch self {
    case .junit: XMLText.isDocument(beginning) && beginning.contains("<testsuite")
    case .tap: beginning.hasPrefix("TAP version") || beginning.hasPrefix("1..")
    }
  }

  func text(_ reports: [SpecReport]) -> String {
    switch self {
    case .junit: JUnitReport(reports: reports).text
    case .tap: TAPReport(reports: reports).text
    }
  }
}
