internal import GatewayAPI
internal import OpenAPIDiff

/// What differs between two environments, in the order of groups and paths.
struct DriftReport: Sendable {
  struct Row: Sendable {
    let group: String
    var change: DefinitionChange
  }

  var rows: [Row]

  var breakingCount: Int { rows.count { $0.change.isBreaking } }

  func document(left: String, right: String) -> Document {
    [
      "schema": 1, "left": .string(left), "right": .string(right), "differences": .integer(Int64(rows.count)),
      "breaking": .integer(Int64(breakingCount)),
      "changes": .array(
        rows.map { row in
          .object((row.change.document.objectValue ?? [:]).merging(["group": .string(row.group)]) { $1 })
        }),
    ]
  }

  var table: DataTable {
    DataTable(
      columns: ["group", "api", "operation", "change", "breaking", "left", "right", "what"],
      rows: rows.map { row in
        let change = row.change
        return [
          row.group, change.api ?? "", change.title, change.kind.rawValue, change.isBreaking ? "true" : "false",
          change.leftVersion ?? "", change.rightVersion ?? "", change.findings.map(\.text).joined(separator: "; "),
        ]
      })
  }

  /// A table of what differs, and below it how.
  func text(left: String, right: String, style: Style) -> String {
    guard !rows.isEmpty else { return "no differences between \(left) and \(right)\n" }
    let cells = rows.map { row in
      [
        row.group, row.change.api ?? "", row.change.title, row.change.kind.rawValue,
        row.change.isBreaking ? "BREAKING" : "", row.change.leftVersion ?? "-", row.change.rightVersion ?? "-",
      ]
    }
    var text = TextTable(
      columns: ["group", "api", "operation", "change", "", left, right], rows: cells, indent: ""
    ).text
    for row in rows where row.change.kind == .changed {
      text += "\n\(row.change.title.withoutControlCharacters)\n"
      for finding in row.change.findings {
        let what = finding.text.withoutControlCharacters.replacing("→", with: style.arrow)
        text += "  \(finding.isBreaking ? "!" : " ") \(what)\n"
      }
    }
    let breaking = breakingCount == 0 ? "none" : "\(breakingCount)"
    return text + "\n\(rows.count) difference\(rows.count == 1 ? "" : "s"), \(breaking) breaking\n"
  }
}
