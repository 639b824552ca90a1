internal import GatewayAPI
internal import GatewayScripting
internal import LuaRuntime

/// Keeps nothing of what a script writes.
struct SilentOutput: ScriptOutput {
  func print(_ text: LuaString) {}
  func log(_ level: ScriptLogLevel, _ message: String) {}
  func report(_ table: ReportTable) {}
  func report(markdown text: String) {}
  func report(value: Document) {}
}
