internal import GatewayAPI
internal import GatewayScripting
internal import LuaRuntime

/// A session's values as people read them: records and lists of them as tables, everything else as Lua would write it.
struct ValueText {
  let width: Int
  let moments: MomentText

  /// Each value ends with a line's end.
  func text(_ values: [ConsoleValue]) -> String { values.map(text).joined() }

  private func text(_ value: ConsoleValue) -> String {
    switch value {
    case .plain(.string(let string)):
      let text = string.description.split(separator: "\n", omittingEmptySubsequences: false)
        .map { String($0).withoutControlCharacters }.joined(separator: "\n")
      return text.hasSuffix("\n") ? text : text + "\n"
    case .table(let table): return text(table)
    default: return LuaLiteral(width: width).text(value) + "\n"
    }
  }

  private func text(_ table: ConsoleTable) -> String {
    if let text = table.text { return text.withoutControlCharacters + "\n" }
    if let name = table.recordName { return list(table, of: name) }
    if let rows = table.uniformRows { return list(table, rows: rows) }
    if let parts = table.parts { return parts.map { "\($0.name):\n" + text($0.list) }.joined() }
    if let name = table.className, !table.fields.isEmpty { return record(table, name) }
    return LuaLiteral(width: width).text(.table(table)) + "\n"
  }

  // MARK: - Records

  private func record(_ table: ConsoleTable, _ name: String) -> String {
    let order = RecordColumns.order(of: name)
    let rows = table.namedFields.sorted {
      (order[$0.key] ?? .max, $0.key) < (order[$1.key] ?? .max, $1.key)
    }.map { [$0.key, cell($0.key, $0.value)] }
    var text = FittedTable(columns: [name, ""], rows: rows, width: width).text
    if table.fieldsLeft > 0 { text += "  … and \(table.fieldsLeft) more\n" }
    return text
  }

  private func list(_ table: ConsoleTable, of name: String) -> String {
    let rows = table.items.map { $0.table?.namedFields ?? [:] }
    guard !rows.isEmpty else { return "no \(name)s\n" }
    let columns = columns(of: name, in: rows)
    let lines = rows.enumerated().map { index, row in
      ["\(index + 1)"] + columns.map { column in row[column].map { cell(column, $0, of: name) } ?? "" }
    }
    let titles = ["#"] + columns.map { RecordColumns.title($0, of: name, isLocal: moments.isLocal) }
    return FittedTable(columns: titles, rows: lines, width: width).text + footer(table, name, shown: rows.count)
  }

  private func columns(of record: String, in rows: [[String: ConsoleValue]]) -> [String] {
    let columns = RecordColumns.columns(of: record, having: Set(rows.flatMap(\.keys)))
    // Environments only where there are several.
    guard record == APIVersion.schema.name, Set(rows.compactMap { $0["env_name"] }).count > 1 else { return columns }
    return columns + ["env_name"]
  }

  private func footer(_ table: ConsoleTable, _ name: String, shown: Int) -> String {
    let all = max(table.total ?? 0, shown + table.itemsLeft)
    if shown < all { return "\(shown) of \(all) \(name)s; the rest is there, too\n" }
    let noun = name == APIVersion.schema.name ? "record" : name
    let count = "\(shown) \(noun)\(shown == 1 ? "" : "s")"
    return noun == name ? "\(count)\n" : "\(count) of at most 10\n"
  }

  private func cell(_ name: String, _ value: ConsoleValue, of record: String = "") -> String {
    if record == APIVersion.schema.name, name == "status" { return value == .plain(1) ? "effective" : "" }
    if name.hasSuffix("_time"), case .plain(let text) = value, let moment = text.stringValue.flatMap(Timestamp.init(_:))
    {
      return moments(moment)
    }
    if case .plain(.string(let string)) = value { return string.description }
    return LuaLiteral(width: .max).text(value)
  }

  // MARK: - Tables of the script's own

  private func list(_ table: ConsoleTable, rows: [[String: ConsoleValue]]) -> String {
    let name = table.items.first?.table?.className ?? ""
    let columns = columns(of: name, in: rows)
    let lines = rows.enumerated().map { index, row in
      ["\(index + 1)"] + columns.map { column in row[column].map { cell(column, $0, of: name) } ?? "" }
    }
    let titles = columns.map { RecordColumns.title($0, of: name, isLocal: moments.isLocal) }
    var text = FittedTable(columns: ["#"] + titles, rows: lines, width: width).text
    if table.itemsLeft > 0 { text += "  … and \(table.itemsLeft) more\n" }
    return text
  }
}

extension ConsoleValue {
  fileprivate var table: ConsoleTable? {
    if case .table(let table) = self { table } else { nil }
  }

  fileprivate var isPlain: Bool {
    if case .table = self { false } else { true }
  }
}

extension ConsoleTable {
  /// The fields with names.
  fileprivate var namedFields: [String: ConsoleValue] {
    Dictionary(
      fields.compactMap { field in
        guard case .plain(let key) = field.key, let name = key.stringValue else { return nil }
        return (name, field.value)
      }, uniquingKeysWith: { _, last in last })
  }

  /// The named lists that it is made of, one of them of records: what several APIs at once come to.
  fileprivate var parts: [(name: String, list: ConsoleTable)]? {
    let lists = namedFields.compactMapValues(\.table)
    guard items.isEmpty, fieldsLeft == 0, !fields.isEmpty, lists.count == fields.count,
      lists.values.allSatisfy({ $0.fields.isEmpty }), lists.values.contains(where: { $0.uniformRows != nil })
    else { return nil }
    return lists.sorted { $0.key < $1.key }.map { (name: $0.key, list: $0.value) }
  }

  /// The items, when they are all tables of a few named plain values.
  fileprivate var uniformRows: [[String: ConsoleValue]]? {
    guard fields.isEmpty, items.count > 1 else { return nil }
    var rows: [[String: ConsoleValue]] = []
    for item in items {
      guard let table = item.table, table.items.isEmpty, table.text == nil, table.fieldsLeft == 0 else { return nil }
      let row = table.namedFields
      guard !row.isEmpty, row.count == table.fields.count, row.values.allSatisfy(\.isPlain) else { return nil }
      rows.append(row)
    }
    return Set(rows.flatMap(\.keys)).count <= 10 ? rows : nil
  }
}
