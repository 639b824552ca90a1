internal import GatewayAPI
internal import LuaRuntime
internal import ReleaseEngine

/// Turns what a script names — a name, an ID, a record of an earlier call — into the ID that the wire needs.
struct ReferenceResolver: Sendable {
  let names: NameDirectory

  /// - Parameters:
  ///   - value: a name, an ID or a record.
  ///   - option: the option it was given for, for messages.
  func id(of kind: ResourceKind, _ value: LuaValue, option: String, in options: CallOptions) async throws -> String {
    switch value {
    case .string:
      guard let name = value.stringValue, !name.isEmpty else {
        throw CallOptions.usage("bad option '\(option)' to '\(options.function)' (it is empty)", nil)
      }
      return try await names.id(of: kind, named: name)
    case .table(let record):
      guard let id = Self.id(of: kind, in: record) else {
        throw CallOptions.usage(
          "bad option '\(option)' to '\(options.function)' (this \(record.className ?? "table") names no \(kind.noun))",
          nil)
      }
      // A package may have written what it likes into it, and the name is shown to people.
      if Principal.current == .script, let name = Self.name(of: kind, in: record) {
        await names.remember(kind, id: id, name: name)
      }
      return id
    default:
      throw options.mismatch(option, expected: "\(kind.rawValue) name, ID or record", got: value)
    }
  }

  func ids(of kind: ResourceKind, _ value: LuaValue, option: String, in options: CallOptions) async throws -> [String] {
    guard case .table(let list) = value, !list.sequence.isEmpty || list.fields.isEmpty else {
      throw options.mismatch(option, expected: "list of \(kind.rawValue) names, IDs or records", got: value)
    }
    guard !list.sequence.isEmpty else {
      throw CallOptions.usage(
        "'\(option)' of '\(options.function)' is an empty list", "check the selection first: if #list == 0 then …")
    }
    var ids: [String] = []
    for (index, element) in list.sequence.enumerated() {
      ids.append(try await id(of: kind, element, option: "\(option)[\(index + 1)]", in: options))
    }
    return ids
  }

  /// How the version is meant: by ID, by number, or counted back from the effective one.
  func version(_ value: LuaValue, in options: CallOptions) throws(GatewayError) -> VersionSelector {
    switch value {
    case .string:
      let text = value.stringValue ?? ""
      return NameDirectory.isIdentifier(text) ? .id(text) : .number(text)
    case .integer(let number) where number < 0: return .stepsBack(Int(clamping: number.magnitude))
    case .integer(let number): return .number(String(number))
    case .table(let record):
      guard let id = record["version_id"].stringValue else {
        throw CallOptions.usage("bad option 'version' to '\(options.function)' (this table names no version)", nil)
      }
      return .id(id)
    default: throw options.mismatch("version", expected: "version ID, number or record", got: value)
    }
  }

  /// Records name themselves by `id`, and others by `api_id`, `env_id` and so on.
  private static func id(of kind: ResourceKind, in record: LuaTable) -> String? {
    if let id = record["\(kind.rawValue)_id"].stringValue { return id }
    return isOfKind(kind, record) ? record["id"].stringValue : nil
  }

  private static func name(of kind: ResourceKind, in record: LuaTable) -> String? {
    record["\(kind.rawValue)_name"].stringValue ?? (isOfKind(kind, record) ? record["name"].stringValue : nil)
  }

  private static func isOfKind(_ kind: ResourceKind, _ record: LuaTable) -> Bool {
    guard let className = record.className else { return true }
    return switch kind {
    case .api: className == API.schema.name || className == APIDefinition.schema.name
    case .group: className == APIGroup.schema.name
    case .environment: className == GatewayEnvironment.schema.name
    case .version: false
    }
  }
}
