/// Host functions under a name, and optionally Lua that makes the module's table of them.
public struct LuaModule: Sendable {
  public let name: String
  public let functions: [LuaHostFunction]
  public let prelude: String?
  public let isGlobal: Bool

  /// A function of a module, by name.
  public struct Function: Sendable, Hashable {
    public let module: String
    public let name: String

    public init(module: String, name: String) {
      self.module = module
      self.name = name
    }
  }

  /// - Parameters:
  ///   - name: The global, and what `require` is called with; one that begins with `[` is no script's to require.
  ///   - functions: What the prelude finds in its `host` table; without a prelude, the module's table.
  ///   - prelude: Trusted Lua, run once when an engine is made, with the `host` table as argument; returns the
  ///     module's table. It has a library of its own, which scripts can't change.
  ///   - isGlobal: Whether the module is also a global variable.
  public init(name: String, functions: [LuaHostFunction], prelude: String? = nil, isGlobal: Bool = true) {
    self.name = name
    self.functions = functions
    self.prelude = prelude
    self.isGlobal = isGlobal
  }

  /// The same module with other functions of the same names.
  package func mapping(_ change: (LuaHostFunction) -> LuaHostFunction) -> LuaModule {
    LuaModule(name: name, functions: functions.map(change), prelude: prelude, isGlobal: isGlobal)
  }
}

/// Finds the source of a module that a script requires and the host does not have; nil when there is none.
///
/// It is called on the engine's thread, once per module and engine. An error it throws is raised by `require`.
public typealias LuaModuleSource = @Sendable (_ name: String) throws -> (chunkName: String, source: [UInt8])?

/// The clocks behind `os.time`, `os.date` and `os.clock`.
public struct LuaClock: Sendable {
  /// Seconds since 1970, as the task of this branch (``LuaCall/branch``) sees them.
  public var time: @Sendable (_ branch: String) -> Double
  /// Seconds of processor time, as that task sees them; gets what the process that runs the script has really used.
  public var processorTime: @Sendable (_ branch: String, _ used: Double) -> Double

  public init(
    time: @escaping @Sendable (_ branch: String) -> Double,
    processorTime: @escaping @Sendable (_ branch: String, _ used: Double) -> Double
  ) {
    self.time = time
    self.processorTime = processorTime
  }
}
