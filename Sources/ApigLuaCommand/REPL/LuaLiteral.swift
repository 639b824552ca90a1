internal import Foundation
internal import GatewayScripting
internal import LuaRuntime

/// A value as Lua would write it: on one line where it fits, else one entry per line.
struct LuaLiteral {
  let width: Int

  func text(_ value: ConsoleValue) -> String { text(value, indent: 0) }

  private func text(_ value: ConsoleValue, indent: Int) -> String {
    switch value {
    case .plain(let value): plain(value)
    case .text(let text): text.withoutControlCharacters
    case .table(let table): self.table(table, indent: indent)
    }
  }

  private func table(_ table: ConsoleTable, indent: Int) -> String {
    if let text = table.text { return text.withoutControlCharacters }
    var entries = table.items.map { text($0, indent: indent + 2) }
    if table.itemsLeft > 0 { entries.append("… \(table.itemsLeft) more") }
    let fields = table.fields.map { field in
      (name: key(field.key), value: text(field.value, indent: indent + 2))
    }
    entries += fields.sorted { $0.name < $1.name }.map { "\($0.name) = \($0.value)" }
    if table.fieldsLeft > 0 { entries.append("… \(table.fieldsLeft) more") }
    guard !entries.isEmpty else { return "{}" }
    let line = "{ \(entries.joined(separator: ", ")) }"
    if !line.contains("\n"), indent + line.displayWidth <= width { return line }
    let margin = String(repeating: " ", count: indent + 2)
    return "{\n" + entries.map { "\(margin)\($0),\n" }.joined() + String(repeating: " ", count: indent) + "}"
  }

  private func key(_ key: ConsoleValue) -> String {
    if case .plain(let key) = key, let name = key.stringValue, name.wholeMatch(of: /[A-Za-z_][A-Za-z0-9_]*/) != nil {
      return name
    }
    return "[\(text(key, indent: 0))]"
  }

  private func plain(_ value: LuaValue) -> String {
    switch value {
    case .nil: "nil"
    case .boolean(let value): value ? "true" : "false"
    case .integer(let value): String(value)
    case .number(let value): number(value)
    case .string(let string): quoted(string.description)
    case .table: "{ … }"
    }
  }

  /// As Lua's `tostring` writes it.
  private func number(_ value: Double) -> String {
    if value.isNaN { return value.sign == .minus ? "-nan" : "nan" }
    if value.isInfinite { return value < 0 ? "-inf" : "inf" }
    let text = String(format: "%.14g", value)
    return text.contains { !($0.isNumber || $0 == "-") } ? text : text + ".0"
  }

  private func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\": result += "\\\(scalar)"
      case "\n": result += "\\n"
      case "\t": result += "\\t"
      case "\r": result += "\\r"
      case _ where scalar.properties.generalCategory == .control: result += "\\u{\(String(scalar.value, radix: 16))}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
