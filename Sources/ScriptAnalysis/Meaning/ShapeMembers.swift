internal import GatewayScripting

extension ScriptShape {
  /// The kinds of records that it may be where it is asked for a name; nil where it may be what nothing is known of.
  var records: [ScriptRecord]? {
    switch self {
    case .record, .records: return ScriptRecordCatalog.record(name).map { [$0] }
    case .optional(let shape): return shape.records
    case .either(let shapes):
      var records: [ScriptRecord] = []
      for shape in shapes {
        guard let found = shape.records else { return nil }
        records += found
      }
      return records
    case .value(.boolean), .value(.integer), .value(.number): return []
    case .value, .list, .map, .function, .generic: return nil
    }
  }

  /// What a field holds, where that is certain.
  func field(_ name: String) -> ScriptShape? {
    let found = (records ?? []).compactMap { $0.field(name)?.shape }
    return found.count == 1 ? found[0] : nil
  }

  func method(_ name: String) -> ScriptFunction? { (records ?? []).compactMap { $0.method(name) }.first }

  /// What it holds by numbers, where that is certain.
  var element: ScriptShape? {
    switch self {
    case .records(let name): .record(name)
    case .list(let element): element
    case .optional(let shape): shape.element
    case .value, .record, .map, .either, .function, .generic: nil
    }
  }

  /// With what generic types stand for; nil where something else is in it.
  func bound(_ types: [String: ScriptShape]) -> ScriptShape? {
    switch self {
    case .generic(let name): types[name]
    case .optional(let shape): shape.bound(types).map(ScriptShape.optional)
    case .list(let shape): .list(shape.bound(types) ?? .value(.any))
    default: genericNames.isEmpty ? self : nil
    }
  }
}
