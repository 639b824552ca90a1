package import GatewayAPI
package import LuaRuntime

/// The types a playbook's parameter can have.
public enum ParameterType: String, Sendable, Hashable, CaseIterable {
  case string, integer, number, boolean, list, env, group, api, version, url, duration, time, choice, file

  /// What stands for the value in help: `--group NAME`.
  public var placeholder: String {
    switch self {
    case .string: "TEXT"
    case .integer, .number: "N"
    case .boolean: ""
    case .list: "A,B,…"
    case .env, .group, .api: "NAME"
    case .version: "VERSION"
    case .url: "URL"
    case .duration: "90s"
    case .time: "TIME"
    case .choice: "WORD"
    case .file: "FILE"
    }
  }
}

/// One parameter of a playbook, as `apig.params` declares it.
public struct ParameterDeclaration: Sendable {
  public let name: String
  public let type: ParameterType
  public let isRequired: Bool
  /// Whether its value is kept nowhere and shown nowhere.
  public let isSecret: Bool
  /// As help shows it.
  public let defaultText: String?
  /// The words of a choice.
  public let words: [String]
  public let help: String?
  let defaultValue: LuaValue
  /// Smallest and largest number; for text, its length in characters.
  let minimum: Double?
  let maximum: Double?

  /// The flag on the command line: `--dry-run` for `dry_run`.
  public var flag: String { "--" + name.replacing("_", with: "-") }
}

extension ParameterDeclaration {
  /// What a parameter is declared with.
  package static let options: [ScriptParameter] = [
    .option("type", .choice(ParameterType.allCases.map(\.rawValue)), "What values it takes; default string."),
    .option("default", .any, "Its value when none is given."),
    .option("required", .boolean, "Whether one must be given."),
    .option("of", .list, "The words of a choice."),
    .option("min", .number, "The smallest number, or the fewest characters."),
    .option("max", .number, "The largest number, or the most characters."),
    .option("match", .string, "A Lua pattern for its text."),
    .option("help", .string, "One line."),
    .option("secret", .boolean, "Whether its value is kept and shown nowhere, like that of apig.secret. Of text only."),
  ]

  /// Reads the table given to `apig.params`: required parameters first, then by name, for a Lua table has no order.
  ///
  /// - Throws: `GatewayError` of kind `usage`: the declaration itself is wrong.
  static func declarations(_ table: LuaValue) throws(GatewayError) -> [ParameterDeclaration] {
    guard case .table(let table) = table, table.sequence.isEmpty else {
      throw CallOptions.usage("'params' takes a table of parameters by name", nil)
    }
    var declarations: [ParameterDeclaration] = []
    for field in table.fields {
      let name = field.key.stringValue ?? ""
      guard case .table(let options) = field.value else {
        throw CallOptions.usage("parameter '\(name)' needs a table: \(name) = { type = \"string\" }", nil)
      }
      declarations.append(try ParameterDeclaration(name: name, options))
    }
    return declarations.sorted { ($0.isRequired ? 0 : 1, $0.name) < ($1.isRequired ? 0 : 1, $1.name) }
  }

  /// - Throws: `GatewayError` of kind `usage`.
  package init(name: String, _ options: LuaTable) throws(GatewayError) {
    guard Self.isName(name) else {
      throw CallOptions.usage("a parameter's name is letters, digits and _, and begins with a letter", nil)
    }
    for field in options.fields {
      let given = field.key.stringValue ?? field.key.typeName
      guard let option = Self.options.first(where: { $0.name == given }) else {
        throw CallOptions.usage(
          "unknown option '\(given)' of parameter '\(name)'",
          Suggestion.closest(to: given, in: Self.options.map(\.name)).map { "did you mean '\($0)'?" })
      }
      guard option.type.admits(field.value) else {
        throw CallOptions.usage(
          "option '\(given)' of parameter '\(name)' must be a \(option.type.name), not a \(field.value.typeName)", nil)
      }
    }
    let typeName = options["type"].stringValue ?? "string"
    guard let type = ParameterType(rawValue: typeName) else {
      let names = ParameterType.allCases.map(\.rawValue)
      throw CallOptions.usage(
        "parameter '\(name)' has no type '\(typeName)'",
        Suggestion.closest(to: typeName, in: names).map { "did you mean '\($0)'?" }
          ?? "types are \(names.joined(separator: ", "))")
    }
    let words = options["of"].tableValue?.sequence.compactMap(\.stringValue) ?? []
    guard type != .choice || !words.isEmpty else {
      throw CallOptions.usage("parameter '\(name)' is a choice and needs 'of = { … }'", nil)
    }
    guard type == .string || options["secret"].booleanValue != true else {
      throw CallOptions.usage(
        "parameter '\(name)' is secret and a \(type.rawValue)", "a secret is a string, which nothing but a server reads"
      )
    }
    self.name = name
    self.type = type
    self.words = words
    isRequired = options["required"].booleanValue ?? false
    isSecret = options["secret"].booleanValue ?? false
    help = options["help"].stringValue
    minimum = options["min"].numberValue
    maximum = options["max"].numberValue
    defaultValue = options["default"]
    defaultText = Self.text(of: options["default"])
  }

  /// - Throws: ``ParameterError`` for a default that is no value of the parameter.
  package func checkDefault() throws(ParameterError) {
    guard !defaultValue.isNil else { return }
    _ = try ParameterConversion(declaration: self, now: .now()).value(ofDefault: defaultValue)
  }

  private static func isName(_ text: String) -> Bool {
    guard let first = text.unicodeScalars.first, first.isASCII, first.properties.isAlphabetic else { return false }
    return text.unicodeScalars.allSatisfy {
      $0.isASCII && ($0.properties.isAlphabetic || $0.properties.numericType != nil || $0 == "_")
    }
  }

  private static func text(of value: LuaValue) -> String? {
    switch value {
    case .nil: nil
    case .boolean(let value): value ? "true" : "false"
    case .integer(let value): String(value)
    case .number(let value): "\(value)"
    case .string(let value): value.description
    case .table(let table): table.sequence.compactMap { text(of: $0) }.joined(separator: ",")
    }
  }
}

extension ScriptType {
  /// Whether a value is of the kind that a declaration's options have.
  fileprivate func admits(_ value: LuaValue) -> Bool {
    switch self {
    case .boolean: value.booleanValue != nil
    case .number: value.numberValue != nil
    case .list: value.tableValue?.fields.isEmpty ?? false
    // Which words there are, the type's own check tells.
    case .string, .choice: value.stringValue != nil
    default: true
    }
  }
}
