internal import GatewayAPI

/// The manual's entry for a kind of record.
struct RecordManual: ManualEntry {
  private let record: ScriptRecord

  init(_ record: ScriptRecord) { self.record = record }

  var name: String { record.name }

  var summary: String { record.summary }

  func text(width: Int) -> String {
    var text = ManualText(width: width)
    text.paragraph("\(name): \(summary)")
    text.gap()
    text.list(record.fields.map { ($0.name, "\($0.help) (\($0.shape.name.spacedAlternatives))") })
    if !record.methods.isEmpty {
      text.gap()
      text.paragraph("Methods, called with a colon:")
      text.gap()
      text.list(record.methods.map { (FunctionManual($0, prefix: ":").call, $0.summary) })
    }
    return text.text
  }

  func markdown(level: Int) -> String {
    var text = heading(level) + "\n\(summary)\n"
    if !record.fields.isEmpty {
      let rows = record.fields.map { ["`\($0.name)`", $0.shape.name.spacedAlternatives, $0.help] }
      text += "\n" + MarkdownTable(columns: ["field", "type", "meaning"], rows: rows).text
    }
    if !record.methods.isEmpty {
      let rows = record.methods.map { method in
        [
          "`\(FunctionManual(method, prefix: ":").call)`", method.results.map(\.name).joined(separator: ", "),
          method.summary,
        ]
      }
      text += "\n" + MarkdownTable(columns: ["method", "returns", "meaning"], rows: rows).text
    }
    return text
  }
}
