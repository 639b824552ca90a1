/// What a run may use. Reaching a limit ends the run; the script can't catch it.
public struct LuaLimits: Sendable {
  /// Bytes that Lua holds, of the whole engine. A smaller limit also bounds the time a single step of the
  /// interpreter can take.
  public var memory: Int = 64 * 1024 * 1024
  /// Instructions of Lua's virtual machine per run, counted in steps of 250. Library functions that work long count
  /// as if they were written in Lua.
  public var instructions: Int?
  /// Processor time in Lua per run; waiting is not counted.
  public var luaTime: Duration? = .seconds(60)
  /// Time per run on the wall clock, waiting included.
  public var deadline: Duration?
  /// Calls of host functions per run.
  public var hostCalls: Int?
  /// Bytes printed per run.
  public var outputBytes: Int?
  /// Nesting of tables in a value that crosses to the host; at most 200.
  public var valueDepth = 32
  /// Bytes of the values of one call that cross to the host; each counts as 16 at least.
  public var valueBytes = 64 * 1024 * 1024

  /// How a running script is made to look at its limits.
  public var interruption = LuaInterruption.counting

  /// The defaults: 64 MiB, 60 s in Lua, no other limit.
  public init() {}
}

/// How a running script is made to look at its limits.
public enum LuaInterruption: Sendable {
  /// Every 250 instructions. Exact and the same in every run; scripts that only compute take about twice as long.
  case counting
  /// When a timer sends `SIGURG` to the engine's thread, every 10 ms: costs nothing, but takes that signal of the
  /// process. A limit of instructions is counted all the same.
  case signal
}
