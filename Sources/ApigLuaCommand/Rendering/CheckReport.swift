internal import GatewayAPI
internal import LuaRuntime
internal import ScriptAnalysis

/// What `check` found, in the forms that people and tools read.
struct CheckReport {
  private struct Entry {
    let path: String
    let finding: ScriptFinding
    /// What is shown of the line that it is about.
    let excerpt: FindingExcerpt?
  }

  /// How many findings of one file are shown: who has more mends those first.
  private static let mostPerFile = 200

  private var entries: [Entry] = []
  /// How many findings of a file are left out, by its path, in the order of the files.
  private var leftOut: [(path: String, count: Int)] = []
  private(set) var fileCount = 0
  private(set) var errorCount = 0
  private(set) var warningCount = 0

  mutating func add(_ findings: [ScriptFinding], of script: CheckedScript) {
    fileCount += 1
    guard !findings.isEmpty else { return }
    let errors = findings.count { $0.severity == .error }
    errorCount += errors
    warningCount += findings.count - errors
    let source = SourceText((try? script.content.get())?.source ?? [])
    // One line may hold all of them.
    var line: (number: Int, characters: [Character])?
    for finding in Self.shown(findings, errors) {
      var excerpt: FindingExcerpt?
      if let start = finding.start {
        if line?.number != start.line {
          line = source.text(ofLine: start.line).map { (start.line, Array($0)) }
        }
        excerpt = line.map {
          FindingExcerpt(line: $0.characters, start: start, end: finding.end, hint: finding.hint)
        }
      }
      entries.append(Entry(path: script.path, finding: finding, excerpt: excerpt))
    }
    if findings.count > Self.mostPerFile { leftOut.append((script.path, findings.count - Self.mostPerFile)) }
  }

  /// Errors before warnings where there is no place for all, in the order of the lines.
  private static func shown(_ findings: [ScriptFinding], _ errorCount: Int) -> [ScriptFinding] {
    guard findings.count > mostPerFile else { return findings }
    var left: [ScriptFinding.Severity: Int] = [.error: min(errorCount, mostPerFile)]
    left[.warning] = mostPerFile - min(errorCount, mostPerFile)
    return findings.filter { finding in
      guard let count = left[finding.severity], count > 0 else { return false }
      left[finding.severity] = count - 1
      return true
    }
  }

  var isClean: Bool { entries.isEmpty }

  // MARK: - For people

  func text(style: Style) -> String {
    guard !isClean else { return "" }
    let more = leftOut.map { "\($0.path.withoutControlCharacters): \(Self.text(ofLeftOut: $0.count))\n" }
    return entries.map { text(of: $0, style) }.joined() + more.joined() + summary + "\n"
  }

  /// "2 errors, 1 warning"
  private var summary: String {
    [(errorCount, "error"), (warningCount, "warning")].filter { $0.0 > 0 }
      .map { "\($0.0) \($0.1)\($0.0 == 1 ? "" : "s")" }.joined(separator: ", ")
  }

  private static func text(ofLeftOut count: Int) -> String {
    "\(count) more finding\(count == 1 ? " is" : "s are") not shown"
  }

  private func text(of entry: Entry, _ style: Style) -> String {
    let finding = entry.finding
    let place = finding.start.map { ":\($0.line):\($0.column)" } ?? ""
    let severity = style.text(finding.severity.rawValue, finding.severity == .error ? .failed : .waiting)
    var text =
      "\(entry.path.withoutControlCharacters)\(place): \(severity): \(finding.message.withoutControlCharacters)\n"
    if let excerpt = entry.excerpt {
      text += excerpt.text(style: style)
    } else if let hint = finding.hint {
      text += FindingExcerpt.indentation + hint.withoutControlCharacters + "\n"
    }
    return text
  }

  // MARK: - For tools

  var document: Document {
    [
      "schema": 1, "files": .integer(Int64(fileCount)), "errors": .integer(Int64(errorCount)),
      "warnings": .integer(Int64(warningCount)),
      "left_out": .integer(Int64(leftOut.reduce(0) { $0 + $1.count })),
      "findings": .array(
        entries.map { entry in
          let finding = entry.finding
          return [
            "file": .string(entry.path), "line": number(finding.start?.line), "column": number(finding.start?.column),
            "end_line": number(finding.end?.line), "end_column": number(finding.end?.column),
            "severity": .string(finding.severity.rawValue), "rule": .string(finding.rule),
            "message": .string(finding.message), "hint": finding.hint.map(Document.string) ?? .null,
          ]
        }),
    ]
  }

  private func number(_ value: Int?) -> Document { value.map { .integer(Int64($0)) } ?? .null }

  /// GitHub's workflow commands: one annotation for each finding, at its line.
  var annotations: String {
    entries.map { entry in
      let finding = entry.finding
      var properties = [("file", entry.path)]
      if let start = finding.start { properties += [("line", "\(start.line)"), ("col", "\(start.column)")] }
      if let end = finding.end { properties += [("endLine", "\(end.line)"), ("endColumn", "\(end.column)")] }
      properties.append(("title", "apig-lua check: \(finding.rule)"))
      let message = [finding.message, finding.hint].compactMap(\.self).joined(separator: ": ")
      return WorkflowText.command(finding.severity.rawValue, properties, message)
    }.joined()
      + leftOut.map {
        WorkflowText.command(
          "notice", [("file", $0.path), ("title", "apig-lua check")], Self.text(ofLeftOut: $0.count))
      }.joined()
  }
}
