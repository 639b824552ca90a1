internal import GatewayAPI
internal import LuaRuntime

/// An error of the gateway that came out of another state: with the fields it has there.
struct CrossedError: LuaErrorConvertible {
  let luaError: LuaTable
  /// The error that it was before it was a table.
  let gatewayError: GatewayError

  var origin: any Error { gatewayError }

  /// - Returns: nil for what is no error of the gateway.
  init?(_ table: LuaTable) {
    guard table.className == "error", let error = GatewayError(luaError: table) else { return nil }
    luaError = table
    gatewayError = error
  }
}

extension LuaTable {
  /// The same error with one more line of its traceback: where the call was made that it came out of.
  func called(_ what: String, at place: LuaLocation?) -> LuaTable {
    guard className == "error", let place else { return self }
    var table = self
    let inner = table["traceback"].stringValue ?? table["where"].stringValue
    table["traceback"] = .text([inner, "\(place): in a call of \(what)"].compactMap(\.self).joined(separator: "\n"))
    return table
  }
}
