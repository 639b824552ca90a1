internal import LuaRuntime

/// Where a function is in what a module returned: who holds it finds it there again when its state began anew.
struct ModuleField: Sendable {
  let module: String
  /// The keys that lead to it.
  let path: [LuaValue]

  /// The functions in what a module returned.
  ///
  /// - Parameter life: that of the module's state.
  static func functions(
    in value: LuaValue, of module: String, owner: String, life: Int64
  ) -> [(FunctionReference, ModuleField)] {
    var found: [(FunctionReference, ModuleField)] = []
    func search(_ value: LuaValue, _ path: [LuaValue]) {
      guard let table = value.tableValue else { return }
      if let function = FunctionReference(table, heldBy: owner, life: life) {
        if function.owner == owner { found.append((function, ModuleField(module: module, path: path))) }
        return
      }
      for (index, item) in table.sequence.enumerated() { search(item, path + [.integer(Int64(index) + 1)]) }
      for field in table.fields { search(field.value, path + [field.key]) }
    }
    search(value, [])
    return found
  }

  /// What is there.
  func value(in module: LuaValue) -> LuaValue {
    path.reduce(module) { value, key in
      guard let table = value.tableValue else { return .nil }
      if case .integer(let index) = key, index >= 1, index <= table.sequence.count {
        return table.sequence[Int(index) - 1]
      }
      return table.fields.first { $0.key == key }?.value ?? .nil
    }
  }
}
