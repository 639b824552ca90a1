internal import LuaRuntime

extension LuaValue {
  /// About as many bytes as it takes.
  var weight: Int {
    switch self {
    case .string(let string): 32 + string.count
    case .table(let table):
      table.sequence.reduce(64) { $0 + $1.weight } + table.fields.reduce(0) { $0 + $1.key.weight + $1.value.weight }
    default: 32
    }
  }

  /// Every name that a secret's parts bear, at any depth.
  var namesInside: Set<String> {
    guard let table = tableValue else { return [] }
    var names = Set([table["name"].stringValue].compactMap(\.self))
    for item in table.sequence { names.formUnion(item.namesInside) }
    for field in table.fields { names.formUnion(field.value.namesInside) }
    return names
  }
}
