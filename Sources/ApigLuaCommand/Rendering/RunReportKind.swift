/// The forms that a report of a run can have.
enum RunReportKind: String, ReportKind {
  /// A test case for each API, a suite for each wave.
  case junit
  /// Annotations on standard error, and a summary at the end of the file.
  case github
  case markdown

  var fileVariable: String? { self == .github ? "GITHUB_STEP_SUMMARY" : nil }

  var isReplaced: Bool { self != .github }

  func isReport(_ beginning: String) -> Bool {
    switch self {
    case .junit: XMLText.isDocument(beginning) && beginning.contains("<testsuite")
    case .github, .markdown: beginning.hasPrefix(RunSummary.beginning)
    }
  }
}

extension ReportFile<RunReportKind> {
  /// - Throws: ``UsageError`` when the file cannot be written.
  func write(_ account: RunAccount) throws {
    switch kind {
    case .junit: try write(RunJUnitReport(account: account).text)
    case .markdown: try write(RunSummary(account: account).text)
    case .github:
      StandardStream.error.write(RunAnnotations(account: account).text)
      try write(RunSummary(account: account).text + "\n", isAppended: true)
    }
  }
}
