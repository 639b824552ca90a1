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

extension GatewayError {
  /// The error that such fields tell of; its lists and measurements are left out. Nil when it is none of ours.
  init?(luaError table: LuaTable) {
    guard let kind = table["kind"].stringValue.flatMap(Kind.init(rawValue:)) else { return nil }
    self.init(
      kind: kind, code: table["code"].stringValue.map(GatewayErrorCode.init(rawValue:)),
      message: table["message"].stringValue ?? kind.rawValue, hint: table["hint"].stringValue,
      operation: table["operation"].stringValue, api: table["api"].stringValue, environment: table["env"].stringValue,
      gateway: table["gateway"].stringValue, status: table["status"].integerValue.flatMap { Int(exactly: $0) },
      requestID: table["request_id"].stringValue, attempts: table["attempts"].integerValue.flatMap { Int(exactly: $0) })
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
