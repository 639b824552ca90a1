internal import GatewayScripting

/// One call of a function of `apig`, in a script.
struct ScriptCall: Sendable {
  let function: ScriptFunction
  /// As the script writes it: `apig.publish`, `gw:publish`.
  let shownName: String
  /// Whether it returns failures instead of raising them.
  let isTwin: Bool
  let arguments: [Expression]
  /// Of the name before the arguments.
  let nameRange: Range<Int>
  /// Of the call, its arguments included.
  let range: Range<Int>

  /// The options table, where it is written in the call.
  var optionItems: [TableItem]? {
    guard let index = places.firstIndex(where: \.hasOptions), arguments.indices.contains(index) else { return nil }
    return arguments[index].tableItems
  }

  /// What each argument is.
  var places: [ScriptFunction.Argument] { function.places(for: arguments.count) }

  /// The value given for an option, where it is written in the call.
  func option(_ name: String) -> Expression? { optionItems?.last { $0.name?.text == name }?.value }
}

extension ScriptFunction {
  /// What each argument of a call with so many is: optional ones that are left out are left out here, too.
  func places(for count: Int) -> [Argument] {
    var places = arguments
    while places.count > count, let index = places.lastIndex(where: \.isOptional) { places.remove(at: index) }
    return places
  }
}
