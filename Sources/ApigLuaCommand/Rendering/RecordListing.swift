internal import GatewayAPI

/// Records of the gateway as a command lists them.
struct RecordListing {
  let schema: RecordSchema
  let records: [Document]
  /// Members of the records that are none of the gateway's, to be shown too.
  var additions: [String] = []

  var result: CommandResult {
    // An ID is no use to the eye and much to a program, which wants the same columns whatever there is.
    let columns = RecordColumns.columns(of: schema.name, having: nil) + additions
    let ids = ["id", "version_id"].filter { id in !columns.contains(id) && schema.fields.contains { $0.name == id } }
    let names = columns + ids
    return CommandResult(
      event: schema.name, document: .array(records),
      table: DataTable(
        columns: names,
        rows: records.map { record in names.map { RecordColumns.cell($0, record[$0], of: schema, nil) } }))
  }

  /// A table that fits the terminal; nothing for no records.
  func text(_ settings: Settings) -> String {
    guard !records.isEmpty else { return "" }
    let moment = MomentText(.output)
    return FittedTable(
      columns: columns.map { RecordColumns.title($0, of: schema.name, isLocal: moment.isLocal) },
      rows: records.map { record in columns.map { RecordColumns.cell($0, record[$0], of: schema, moment) } },
      settings: settings
    ).text
  }

  private var columns: [String] {
    let fields = Set(records.flatMap { ($0.objectValue ?? [:]).keys })
    return RecordColumns.columns(of: schema.name, having: fields) + additions
  }
}

/// All fields of one record that have something to tell, one under the other.
struct RecordPage {
  let schema: RecordSchema
  let record: Document

  var result: CommandResult {
    CommandResult(
      event: schema.name, document: record, table: DataTable(columns: ["field", "value"], rows: rows(nil)))
  }

  func text(_ settings: Settings) -> String {
    FittedTable(columns: [schema.name, ""], rows: rows(MomentText(.output)), settings: settings).text
  }

  private func rows(_ moment: MomentText?) -> [[String]] {
    let members = record.objectValue ?? [:]
    let declared = schema.fields.map(\.name)
    let others = members.keys.filter { !declared.contains($0) }.sorted()
    return (declared + others).compactMap { name in
      let cell = RecordColumns.cell(name, members[name], of: schema, moment)
      return ["", "[]", "{}"].contains(cell) ? nil : [name, cell]
    }
  }
}

extension FittedTable {
  /// A listing on standard output; in a pipe it is as wide as it needs to be.
  init(columns: [String], rows: [[String]], settings: Settings) {
    let isFitted = StandardStream.output.isTerminal
    let size = TerminalSize(of: StandardStream.output.descriptor, columns: settings.variables["COLUMNS"])
    let style = Style(settings.color, variables: settings.variables, stream: .output)
    self.init(
      columns: columns, rows: rows, width: isFitted ? size.columns : .max, indent: "", ellipsis: style.ellipsis)
  }
}
