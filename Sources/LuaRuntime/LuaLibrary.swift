import CLuaShims

/// What scripts find as globals.
public enum LuaLibrary: Sendable {
  /// Standard Lua without what reaches files, processes, other states or the interpreter itself. Limits hold.
  case sandbox
  /// All of stock Lua: `io`, `os`, `debug`, `package`, bytecode, finalizers.
  ///
  /// - Warning: No protection at all. Such a script can do whatever the process can, crash it, and escape every limit.
  ///   Limits and `cancel()` still end scripts that do nothing against it, but not inside a finalizer or a library
  ///   call. Finalizers also run when the engine is freed.
  case unrestricted
}

extension LuaLibrary {
  var raw: Int32 {
    switch self {
    case .sandbox: Int32(CLUA_LIBRARY_SANDBOX)
    case .unrestricted: Int32(CLUA_LIBRARY_UNRESTRICTED)
    }
  }
}
