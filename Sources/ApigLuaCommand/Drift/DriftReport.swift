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

  /// A table of what differs, and below it how.
  func text(left: String, right: String) -> String {
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
        text += "  \(finding.isBreaking ? "!" : " ") \(finding.text.withoutControlCharacters)\n"
      }
    }
    let breaking = breakingCount == 0 ? "none" : "\(breakingCount)"
    return text + "\n\(rows.count) difference\(rows.count == 1 ? "" : "s"), \(breaking) breaking\n"
  }
}
