internal import LuaRuntime

/// The host functions of a release, beside the gateway's operations.
struct ReleaseLibrary: Sendable {
  let context: ScriptContext

  var functions: [LuaHostFunction] {
    WaitLibrary(context: context).functions + HealthLibrary(context: context).functions
      + WebLibrary(context: context).functions + ConfirmLibrary(context: context).functions
      + SecretLibrary(context: context).functions + FileLibrary(context: context).functions
      + ProgressLibrary(context: context).functions + RollbackLibrary(context: context).functions
  }
}
