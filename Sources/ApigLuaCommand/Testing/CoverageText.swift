internal import ScriptAnalysis

/// What of the playbooks the tests ran, for people: a line for each file, and one for all.
struct CoverageText: Sendable {
  let files: [FileCoverage]

  var text: String {
    guard !files.isEmpty else { return "coverage: no test ran a playbook\n" }
    var rows = files.map { file in
      let gaps = file.lines.gaps.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }
      return row(file.path, [file]) + [gaps.joined(separator: ", ")]
    }
    if files.count > 1 { rows.append(row("\(files.count) files", files)) }
    return TextTable(columns: ["coverage", "lines", "", "not run"], rows: rows, indent: "").text
  }

  private func row(_ title: String, _ files: [FileCoverage]) -> [String] {
    let covered = files.reduce(0) { $0 + $1.lines.coveredCount }
    let count = files.reduce(0) { $0 + $1.lines.lines.count }
    return [title, "\(covered) of \(count)", percentage(covered, of: count)]
  }

  /// Rounded down: only all is 100.
  private func percentage(_ covered: Int, of count: Int) -> String {
    let tenths = count == 0 ? 1000 : covered * 1000 / count
    return "\(tenths / 10).\(tenths % 10)%"
  }
}
