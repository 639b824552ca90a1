internal import GatewayAPI
internal import LuaRuntime
internal import ScriptAnalysis

/// What `check` found, in the forms that people and tools read.
struct CheckReport {
  private struct Entry {
    let path: String
    let finding: ScriptFinding
    /// The line that it is about.
    let line: String?
  }

  private var entries: [Entry] = []
  private(set) var fileCount = 0

  mutating func add(_ findings: [ScriptFinding], of script: CheckedScript) {
    fileCount += 1
    guard !findings.isEmpty else { return }
    let source = (try? script.content.get())?.source ?? []
    let lines = source.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    for finding in findings {
      let index = (finding.start?.line ?? 0) - 1
      let line = lines.indices.contains(index) ? String(decoding: lines[index], as: UTF8.self) : nil
      entries.append(Entry(path: script.path, finding: finding, line: line))
    }
  }

  var errorCount: Int { entries.count { $0.finding.severity == .error } }
  var warningCount: Int { entries.count { $0.finding.severity == .warning } }
  var isClean: Bool { entries.isEmpty }

  // MARK: - For people

  func text(style: Style) -> String {
    guard !isClean else { return "" }
    return entries.map { text(of: $0, style) }.joined() + summary + "\n"
  }

  /// "2 errors, 1 warning"
  private var summary: String {
    [(errorCount, "error"), (warningCount, "warning")].filter { $0.0 > 0 }
      .map { "\($0.0) \($0.1)\($0.0 == 1 ? "" : "s")" }.joined(separator: ", ")
  }

  private func text(of entry: Entry, _ style: Style) -> String {
    let finding = entry.finding
    let place = finding.start.map { ":\($0.line):\($0.column)" } ?? ""
    let severity = style.text(finding.severity.rawValue, finding.severity == .error ? .failed : .waiting)
    var text =
      "\(entry.path.withoutControlCharacters)\(place): \(severity): \(finding.message.withoutControlCharacters)\n"
    if let start = finding.start, let line = entry.line {
      text += FindingExcerpt(line: line, start: start, end: finding.end, hint: finding.hint).text(style: style)
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
      let fields = properties.map { "\($0.0)=\(WorkflowText.property($0.1))" }.joined(separator: ",")
      let message = [finding.message, finding.hint].compactMap(\.self).joined(separator: ": ")
      return "::\(finding.severity.rawValue) \(fields)::\(WorkflowText.data(message))\n"
    }.joined()
  }
}

/// Text in the workflow commands of GitHub Actions.
private enum WorkflowText {
  static func data(_ text: String) -> String {
    text.replacing("%", with: "%25").replacing("\r", with: "%0D").replacing("\n", with: "%0A")
  }

  static func property(_ text: String) -> String { data(text).replacing(":", with: "%3A").replacing(",", with: "%2C") }
}
