public import LuaRuntime

/// What holds a worker besides the sandbox of Lua, on this machine.
public struct LuaConfinement: Sendable, Hashable {
  /// Limits of memory, processor time, files and processes; always there, or no script is run.
  public let hasResourceLimits: Bool
  /// A filter of system calls (seccomp): nothing can be opened, connected to or started. Missing where the kernel has
  /// none or forbids it.
  public let hasSystemCallFilter: Bool
}

extension LuaWorker {
  /// Starts a worker to see what holds it; for a report on the machine.
  ///
  /// - Throws: `LuaError` when the program can't be started or is no worker.
  public func confinement() async throws(LuaError) -> LuaConfinement {
    let engine = IsolatedLuaEngine(worker: self) { _ in }
    try await engine.check(LuaChunk(name: "nothing", source: ""))
    guard let confinement = await engine.confinement else {
      throw LuaError(code: .internalFailure, message: "\(executable) did not say what confines it")
    }
    return confinement
  }
}
