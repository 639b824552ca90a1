/// What a host function is called with.
public struct LuaCall: Sendable {
  /// The name the function was registered with.
  public let function: String
  public let arguments: [LuaValue]
  let origin: Origin

  /// The innermost frame of the script; frames of module preludes are skipped.
  public var location: LuaLocation? { origin.location }
  /// Which of the tasks that run at once called, the same in every run of the script: empty for the script itself,
  /// `/1.3` for what its first `host.each` started for the third item, `/1.3/2.1` below that.
  public var branch: String { origin.branch }

  /// Where a call comes from.
  package struct Origin {
    let location: LuaLocation?
    let branch: String

    package init(_ location: LuaLocation?, branch: String) {
      self.location = location
      self.branch = branch
    }
  }

  public init(function: String, arguments: [LuaValue], location: LuaLocation? = nil, branch: String = "") {
    self.init(function: function, arguments: arguments, origin: Origin(location, branch: branch))
  }

  init(function: String, arguments: [LuaValue], origin: Origin) {
    self.function = function
    self.arguments = arguments
    self.origin = origin
  }

  /// The argument at `index`, from 0; `.nil` past the end.
  public subscript(_ index: Int) -> LuaValue { index < arguments.count ? arguments[index] : .nil }
}

/// A Swift function that a script can call from anywhere: coroutines, metamethods, comparators, callbacks.
public struct LuaHostFunction: Sendable {
  enum Body: Sendable {
    case sync(@Sendable (LuaCall) throws -> [LuaValue])
    case async(@Sendable @concurrent (LuaCall) async throws -> [LuaValue])
  }

  public let name: String
  let body: Body

  /// Whether a call suspends its caller.
  package var isAsync: Bool {
    switch body {
    case .sync: false
    case .async: true
    }
  }

  /// The same function, whose calls find `value` in a task-local variable.
  package func binding<Value: Sendable>(_ variable: TaskLocal<Value>, to value: Value) -> LuaHostFunction {
    switch body {
    case .sync(let body): .sync(name) { call in try variable.withValue(value) { try body(call) } }
    case .async(let body): .async(name) { call in try await variable.withValue(value) { try await body(call) } }
    }
  }

  /// The same function, whose calls are carried out by others, which get the call and what the function itself does.
  package func wrapped(
    sync carryOut: @escaping @Sendable (LuaCall, (LuaCall) throws -> [LuaValue]) throws -> [LuaValue],
    async carryOutLater:
      @escaping @Sendable @concurrent (
        LuaCall, @Sendable @concurrent (LuaCall) async throws -> [LuaValue]
      ) async throws -> [LuaValue]
  ) -> LuaHostFunction {
    switch body {
    case .sync(let body): .sync(name) { call in try carryOut(call, body) }
    case .async(let body): .async(name) { call in try await carryOutLater(call, body) }
    }
  }

  /// A function that answers at once, on the engine's thread. It must not block.
  ///
  /// An error it throws is raised in Lua; `LuaStop` ends the run.
  public static func sync(
    _ name: String, _ body: @escaping @Sendable (LuaCall) throws -> [LuaValue]
  ) -> LuaHostFunction {
    LuaHostFunction(name: name, body: .sync(body))
  }

  /// A function that suspends its caller, and only that: the script's other tasks go on whenever it waits for something.
  /// Between its waits it runs on the engine's thread, like actors that it calls and have no executor of their own: what
  /// blocks or computes for long belongs into a task of its own, or
  /// `withTaskExecutorPreference(globalConcurrentExecutor)`. It should heed task cancellation: `run` returns when every
  /// host function has.
  ///
  /// An error it throws is raised in Lua; `LuaStop` ends the run.
  public static func async(
    _ name: String, _ body: @escaping @Sendable (LuaCall) async throws -> [LuaValue]
  ) -> LuaHostFunction {
    LuaHostFunction(name: name, body: .async({ try await body($0) }))
  }
}
