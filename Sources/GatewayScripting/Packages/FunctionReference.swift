internal import LuaRuntime

/// A function by the state that has it, and its number there.
struct FunctionReference: Hashable, Sendable {
  /// The prelude's class.
  static let className = "function reference"

  let owner: String
  /// Which of the states that bore the owner's name.
  let life: Int64
  let number: Int64

  /// - Parameters:
  ///   - holder: the state whose own functions have no owner's name.
  ///   - ownLife: that state's.
  init?(_ table: LuaTable, heldBy holder: String, life ownLife: Int64) {
    guard table.className == Self.className, let number = table["number"].integerValue else { return nil }
    owner = table["owner"].stringValue ?? holder
    life = table["life"].integerValue ?? ownLife
    self.number = number
  }

  init(owner: String, life: Int64, number: Int64) {
    self.owner = owner
    self.life = life
    self.number = number
  }

  /// As its owner knows it.
  var ownTable: LuaTable {
    var table = LuaTable(className: Self.className)
    table["number"] = .integer(number)
    return table
  }

  /// As others do.
  var foreignTable: LuaTable {
    var table = ownTable
    table["owner"] = .text(owner)
    table["life"] = .integer(life)
    return table
  }
}
