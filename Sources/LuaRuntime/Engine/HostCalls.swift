/// The host functions of an engine, what a call of one comes to, and the errors that Lua holds. One thread's.
package final class HostCalls {
  /// What Lua gets.
  package enum Answer {
    case values([LuaValue])
    /// The error object, and the number under which the Swift error is kept while the object lives.
    case failed([LuaValue])
    /// Nothing yet: the operation is to be performed.
    indirect case pending(HostOperation)
    /// Nothing any more: the run ends with this error.
    case stop(any Error)
  }

  /// The number of the function that finds modules: `CLUA_MODULE_SOURCE`.
  package static let moduleSourceNumber = UInt32.max

  private let functions: [LuaHostFunction]
  private let moduleSource: LuaModuleSource?
  private var errors: [UInt64: any Error] = [:]
  private var lastError: UInt64 = 0

  package init(functions: [LuaHostFunction], moduleSource: LuaModuleSource?) {
    self.functions = functions
    self.moduleSource = moduleSource
  }

  /// Whether a function suspends its caller; nil when there is no such function.
  package func isAsync(_ number: UInt32) -> Bool? {
    number < UInt32(functions.count) ? functions[Int(number)].isAsync : nil
  }

  /// Calls a function that answers at once, or makes an operation of the call.
  ///
  /// - Parameters:
  ///   - number: the function's place in `functions`, or `moduleSourceNumber`.
  ///   - canWait: whether there is a run that an async function can suspend.
  package func call(
    _ number: UInt32, operation: UInt64, arguments: consuming [LuaValue], origin: consuming LuaCall.Origin,
    canWait: Bool
  ) -> Answer {
    do {
      if number == Self.moduleSourceNumber { return .values(try source(of: arguments)) }
      let name = functions[Int(number)].name
      let call = LuaCall(function: name, arguments: arguments, origin: origin)
      switch functions[Int(number)].body {
      case .sync(let body): return .values(try body(call))
      case .async(let body):
        guard canWait else {
          throw LuaError(code: .runtime, message: "'\(name)' can't be called while modules are loaded")
        }
        return .pending(HostOperation(id: operation, call: call, body: body))
      }
    } catch {
      return answer(error)
    }
  }

  package func answer(_ result: Result<[LuaValue], any Error>) -> Answer {
    switch result {
    case .success(let values): .values(values)
    case .failure(let error): answer(error)
    }
  }

  private func answer(_ error: any Error) -> Answer {
    if let stop = error as? LuaStop { return .stop(stop.underlying) }
    lastError += 1
    errors[lastError] = (error as? any LuaErrorConvertible)?.origin ?? error
    var table =
      (error as? any LuaErrorConvertible)?.luaError
      ?? LuaTable(fields: [
        LuaField(key: "kind", value: "failed"), LuaField(key: "message", value: .text(String(describing: error))),
      ])
    if table.className == nil { table.className = "error" }
    return .failed([.table(table), .integer(Int64(bitPattern: lastError))])
  }

  private func source(of arguments: [LuaValue]) throws -> [LuaValue] {
    guard let name = arguments.first?.stringValue, let found = try moduleSource?(name) else { return [] }
    return [.text(found.chunkName), .string(LuaString(bytes: found.source))]
  }

  /// The error behind a number that Lua holds.
  package func error(_ number: Int64) -> (any Error)? { errors[UInt64(bitPattern: number)] }

  /// How many errors Lua holds.
  package var heldErrors: Int { errors.count }

  /// The error object with this number is gone.
  package func forget(_ number: UInt64) { errors[number] = nil }
}
