internal import GatewayAPI
internal import LuaRuntime
internal import ReleaseEngine

/// Planned IDs as scripts see them: values of a class of their own, which can be shown and passed on, and by which
/// nothing can be decided.
struct PlannedValues: Sendable {
  /// The prelude's class.
  static let className = "planned value"

  /// nil where nothing is planned: every value stays as it is.
  let ids: PlannedIDs?

  /// A value on its way into a script.
  func entering(_ value: LuaValue) -> LuaValue {
    guard let ids else { return value }
    switch value {
    case .string(let text):
      guard let id = text.string, let label = ids.label(of: id) else { return value }
      var planned = LuaTable(className: Self.className)
      planned["id"] = .text(id)
      planned["text"] = .text(label)
      return .table(planned)
    case .table(let table): return .table(mapping(table, entering))
    default: return value
    }
  }

  /// A value that a script passes on.
  func leaving(_ value: LuaValue) -> LuaValue {
    guard ids != nil, case .table(let table) = value else { return value }
    return table.className == Self.className ? table["id"] : .table(mapping(table, leaving))
  }

  private func mapping(_ table: LuaTable, _ change: (LuaValue) -> LuaValue) -> LuaTable {
    var table = table
    for index in table.sequence.indices { table.sequence[index] = change(table.sequence[index]) }
    for index in table.fields.indices { table.fields[index].value = change(table.fields[index].value) }
    return table
  }

  /// Ends the plan: the script wants to decide by a value.
  ///
  /// - Parameters:
  ///   - value: the planned value's ID.
  ///   - what: what is done with it: "is compared".
  func cannotKnow(_ call: LuaCall) -> LuaStop {
    let id = call[0].stringValue ?? ""
    return LuaStop(
      CannotKnowUntilApply(
        "\(ids?.label(of: id) ?? id) \(call[1].stringValue ?? "is used")", apiID: ids?.apiID(of: id),
        place: call.location.map(String.init(describing:))))
  }
}
