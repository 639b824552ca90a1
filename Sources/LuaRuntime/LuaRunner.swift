/// Runs Lua chunks, here (``LuaEngine``) or in a process of their own; a caller picks one and need not know which.
public protocol LuaRunner: Sendable {
  /// Runs `chunk` with `arguments` as its `...`, and returns what it returns.
  ///
  /// Cancelling the task ends the script; the runner stays usable after any error. Returns when every host function
  /// that the script called has returned.
  /// - Throws: `LuaError`, or the error in a `LuaStop`.
  func run(_ chunk: LuaChunk, arguments: [LuaValue]) async throws -> [LuaValue]

  /// Compiles `chunk` without running it.
  func check(_ chunk: LuaChunk) async throws(LuaError)

  /// Ends the run that is in progress, if any; it throws `LuaError.Code.cancelled`. Any thread may call it.
  func cancel()

  /// Frees what the runner holds; later runs throw. Does nothing while a chunk runs.
  func close() async
}

extension LuaRunner {
  /// Runs `chunk` without arguments.
  public func run(_ chunk: LuaChunk) async throws -> [LuaValue] { try await run(chunk, arguments: []) }
}

extension LuaEngine: LuaRunner {}
