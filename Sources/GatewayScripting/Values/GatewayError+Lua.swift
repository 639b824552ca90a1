public import GatewayAPI
public import LuaRuntime

/// What scripts catch: the fields of the error, by the names of the Lua API.
extension GatewayError: LuaErrorConvertible {
  public var luaError: LuaTable {
    var table = LuaTable()
    table["kind"] = .text(kind.rawValue)
    table["message"] = .text(message)
    table["code"] = code.map { .text($0.rawValue) } ?? .nil
    table["hint"] = hint.map(LuaValue.text) ?? .nil
    table["operation"] = operation.map(LuaValue.text) ?? .nil
    table["api"] = api.map(LuaValue.text) ?? .nil
    table["env"] = environment.map(LuaValue.text) ?? .nil
    table["gateway"] = gateway.map(LuaValue.text) ?? .nil
    table["status"] = status.map { .integer(Int64($0)) } ?? .nil
    table["request_id"] = requestID.map(LuaValue.text) ?? .nil
    table["retryable"] = .boolean(isRetryable)
    table["attempts"] = attempts.map { .integer(Int64($0)) } ?? .nil
    table["result"] = result.map { LuaValue($0) } ?? measured.map { LuaValue($0) } ?? .nil
    return table
  }
}

extension LuaValue {
  /// Both lists of a batch.
  init(_ result: BatchResult) {
    var table = LuaTable(className: "batch result")
    table["success"] = .table(LuaTable(sequence: result.success.map { LuaValue($0) }))
    table["failure"] = .table(LuaTable(sequence: result.failure.map { LuaValue($0) }))
    self = .table(table)
  }
}
