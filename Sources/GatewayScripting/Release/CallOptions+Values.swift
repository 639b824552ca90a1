internal import GatewayAPI
internal import LuaRuntime

extension CallOptions {
  func text(_ name: String) throws(GatewayError) -> String? {
    if self[name].isNil { return nil }
    guard let text = self[name].stringValue, !text.isEmpty else {
      throw mismatch(name, expected: "string", got: self[name])
    }
    return text
  }

  func flag(_ name: String) throws(GatewayError) -> Bool? {
    if self[name].isNil { return nil }
    guard let flag = self[name].booleanValue else { throw mismatch(name, expected: "boolean", got: self[name]) }
    return flag
  }

  /// Seconds as a number, or a text such as `"90s"`.
  func duration(_ name: String) throws(GatewayError) -> Duration? {
    let value = self[name]
    if value.isNil { return nil }
    let text = value.stringValue ?? value.numberValue.map { "\($0)" }
    if text?.hasPrefix("-") == true, text?.dropFirst().first?.isNumber == true {
      throw Self.usage("bad option '\(name)' to '\(function)' (it is negative)", nil)
    }
    guard let text, let duration = Duration(text: text) else {
      throw Self.usage(
        "bad option '\(name)' to '\(function)' (duration expected, got \(value.stringValue ?? value.typeName))",
        "write seconds as a number, or \"90s\", \"5m\", \"1h30m\"")
    }
    return duration
  }

  /// A whole number in the bounds that are declared for it.
  func count(_ name: String) throws(GatewayError) -> Int? {
    guard !self[name].isNil, case .integer(let bounds?) = type(of: name) else { return nil }
    guard let count = self[name].integerValue, bounds.contains(Int(clamping: count)) else {
      throw Self.usage(
        "bad option '\(name)' to '\(function)' (whole number from \(bounds.lowerBound) to \(bounds.upperBound) "
          + "expected)", nil)
    }
    return Int(clamping: count)
  }

  /// Names and their values as text, sorted by name.
  func pairs(_ name: String) throws(GatewayError) -> [(name: String, value: String)] {
    if self[name].isNil { return [] }
    guard let table = self[name].tableValue, table.sequence.isEmpty else {
      throw mismatch(name, expected: "table of names and values", got: self[name])
    }
    var pairs: [(name: String, value: String)] = []
    for field in table.fields {
      guard let key = field.key.stringValue, let text = Self.plain(field.value) else {
        throw Self.usage(
          "bad option '\(name)' to '\(function)' (names with text, numbers or booleans expected)", nil)
      }
      pairs.append((key, text))
    }
    return pairs.sorted { $0.name < $1.name }
  }

  private static func plain(_ value: LuaValue) -> String? {
    switch value {
    case .string(let text): text.string
    case .integer(let number): String(number)
    case .number(let number): "\(number)"
    case .boolean(let flag): flag ? "true" : "false"
    case .nil, .table: nil
    }
  }
}

extension Duration {
  var seconds: Double { self / .seconds(1) }

  /// As people read it: `250ms`, `1.5s`, `90s`, `10m`.
  package var text: String {
    let milliseconds = Int((self / .milliseconds(1)).rounded())
    if milliseconds < 1000 { return "\(milliseconds)ms" }
    if milliseconds % 1000 != 0 { return "\(Double(milliseconds / 100) / 10)s" }
    let seconds = milliseconds / 1000
    return seconds > 90 && seconds % 60 == 0 ? "\(seconds / 60)m" : "\(seconds)s"
  }
}
