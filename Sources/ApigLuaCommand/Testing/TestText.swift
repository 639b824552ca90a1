/// Results of tests for people: a line for each file, and what did not pass.
struct TestText: Sendable {
  let style: Style
  /// Whether tests that passed have a line, too.
  let isVerbose: Bool

  func text(of report: SpecReport) -> String {
    guard !report.results.isEmpty else { return "" }
    let mark = report.isBad ? style.bad : style.good
    var text = "\(mark) \(report.file.withoutControlCharacters)  \(counts([report]))  \(seconds(report.seconds))\n"
    for result in report.results where isVerbose || result.status != .passed { text += line(result, report) }
    return text
  }

  func summary(_ reports: [SpecReport], seconds time: Double) -> String {
    let isBad = reports.contains(where: \.isBad)
    return "\(isBad ? style.bad : style.good) \(counts(reports)) in \(seconds(time))\n"
  }

  private func line(_ result: SpecResult, _ report: SpecReport) -> String {
    let name = result.name.withoutControlCharacters
    switch result.status {
    case .passed: return "  \(style.good) \(name)  \(seconds(result.seconds))\n"
    case .pending:
      let word = style.text("pending", .waiting)
      return "  \(word) \(name): \(result.message.withoutControlCharacters), \(report.shown(result.place))\n"
    case .failed, .error:
      let place = report.shown(result.place)
      var text = "  \(style.bad) \(name)\n    \(place): \(result.message.withoutControlCharacters)\n"
      for line in result.lines { text += "      \(line.withoutControlCharacters)\n" }
      return text
    }
  }

  private func counts(_ reports: [SpecReport]) -> String {
    let counts = [
      (SpecResult.Status.passed, "passed"), (.failed, "failed"), (.error, "with an error"), (.pending, "pending"),
    ]
    let words = counts.compactMap { status, word -> String? in
      let count = reports.reduce(0) { $0 + $1.count(status) }
      return count > 0 || status == .passed ? "\(count) \(word)" : nil
    }
    return words.joined(separator: ", ")
  }

  private func seconds(_ time: Double) -> String {
    let hundredths = Int((time * 100).rounded())
    return "\(hundredths / 100).\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100)s"
  }
}
