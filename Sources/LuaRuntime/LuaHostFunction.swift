/// What a host function is called with.
public struct LuaCall: Sendable {
  /// The name the function was registered with.
  public let function: String
  public let arguments: [LuaValue]
  /// The innermost frame of the script; frames of module preludes are skipped.
  public let location: LuaLocation?
  /// Which of the tasks that run at once called, the same in every run of the script: empty for the script itself,
  /// `/1.3` for what its first `host.each` started for the third item, `/1.3/2.1` below that.
  public let branch: String

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
    self.function = function
    self.arguments = arguments
    self.location = location
    self.branch = branch
  }

  init(function: String, arguments: [LuaValue], origin: Origin) {
    self.init(function: function, arguments: arguments, location: origin.location, branch: origin.branch)
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

  /// A function that answers at once, on the engine's thread. It must not block.
  ///
  /// An error it throws is raised in Lua; `LuaStop` ends the run.
  public static func sync(
    _ name: String, _ body: @escaping @Sendable (LuaCall) throws -> [LuaValue]
  ) -> LuaHostFunction {
    LuaHostFunction(name: name, body: .sync(body))
  }

  /// A function that suspends its caller, and only that; it runs off the engine's thread. It should heed task
  /// cancellation: `run` returns when every host function has.
  ///
  /// An error it throws is raised in Lua; `LuaStop` ends the run.
  public static func async(
    _ name: String, _ body: @escaping @Sendable (LuaCall) async throws -> [LuaValue]
  ) -> LuaHostFunction {
    LuaHostFunction(name: name, body: .async({ try await body($0) }))
  }
}
