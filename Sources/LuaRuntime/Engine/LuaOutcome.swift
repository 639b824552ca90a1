import CLuaShims

/// How an entry point of the shim ended, and what that means to the caller.
package struct LuaOutcome: Sendable {
  /// `CLUA_DONE` and its kin.
  let status: Int
  /// The signal's reason, when `status` is `CLUA_STOPPED`.
  let reason: Int
  /// `clua_result`.
  let values: [LuaValue]

  package init(status: Int, reason: Int, values: [LuaValue]) {
    self.status = status
    self.reason = reason
    self.values = values
  }

  /// The chunk's results.
  ///
  /// - Parameter hostError: finds the Swift error behind a number of `clua_result`.
  package func results(
    limits: LuaLimits, hostError: (_ number: Int64) -> (any Error)?
  ) throws(LuaError) -> [LuaValue] {
    switch status {
    case CLUA_DONE: return values
    case CLUA_STOPPED: throw stopped(limits)
    case CLUA_SYNTAX: throw LuaError(syntax: values.first?.text ?? "the chunk does not compile")
    case CLUA_INVALID:
      throw LuaError(code: .invalidValue, message: values.first?.text ?? "a result can't leave the script")
    default: throw failure(hostError)
    }
  }

  /// Throws when the module `name` could not be added.
  package func accept(module name: String, limits: LuaLimits) throws(LuaError) {
    switch status {
    case CLUA_DONE: return
    case CLUA_STOPPED: throw stopped(limits)
    default:
      let code: LuaError.Code = status == CLUA_SYNTAX ? .syntax : .runtime
      throw LuaError(code: code, message: "module '\(name)': \(values.first?.stringValue ?? "failed")")
    }
  }

  private func failure(_ hostError: (Int64) -> (any Error)?) -> LuaError {
    guard values.count == 5 else { return LuaError(code: .internalFailure, message: "the shim gave no error") }
    let value = values[0]
    var error = LuaError(code: .runtime, message: values[1].text ?? "error", value: value)
    error.traceback = values[3].text
    // The traceback may go back into a coroutine that the error has left since.
    let origin = error.traceback?.prefix { $0 != " " } ?? ""
    error.location = LuaLocation(String(origin.dropLast())) ?? values[2].stringValue.flatMap { LuaLocation($0) }
    if let table = value.tableValue {
      if let location = table["where"].stringValue.flatMap({ LuaLocation($0) }) { error.location = location }
      if let traceback = table["traceback"].stringValue { error.traceback = traceback }
    } else {
      error.takeLocationFromMessage()
      // `coroutine.wrap` puts its caller's place before the error's own.
      while !origin.isEmpty, error.location.map({ "\($0):" != origin }) ?? false, error.message.contains("\(origin) ") {
        let before = error.message
        error.takeLocationFromMessage()
        if error.message == before { break }
      }
    }
    if let number = values[4].integerValue { error.underlying = hostError(number) }
    return error
  }

  private func stopped(_ limits: LuaLimits) -> LuaError {
    var error = LuaError(stop: reason, limits: limits)
    error.location = values.first?.stringValue.flatMap { LuaLocation($0) }
    return error
  }
}

extension LuaValue {
  /// The text of a string value, repaired.
  fileprivate var text: String? {
    if case .string(let string) = self { string.description } else { nil }
  }
}
