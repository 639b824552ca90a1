/// What holds a worker besides the sandbox of Lua, on this machine.
public struct LuaConfinement: Sendable, Hashable {
  /// Limits of memory, processor time, files and processes; always there, or no script is run.
  public let hasResourceLimits: Bool
  /// A filter of system calls (seccomp): nothing can be opened, connected to or started. Missing where the kernel has
  /// none or forbids it.
  public let hasSystemCallFilter: Bool
}
