internal import GatewayAPI
internal import GatewayScripting
internal import LuaRuntime
internal import ReleaseEngine

/// Stands where nothing may be asked: a replay that stays within its journal never comes here.
struct UnaskedGateway: Gateway {
  let product = GatewayProduct.apigw

  func perform<Operation: GatewayOperation>(_ operation: Operation) async throws -> Operation.Output {
    throw ReplayEnd()
  }
}

/// Keeps nothing of what a script writes.
struct SilentOutput: ScriptOutput {
  func print(_ text: LuaString) {}
  func log(_ level: ScriptLogLevel, _ message: String) {}
  func report(_ table: ReportTable) {}
  func report(markdown text: String) {}
  func report(value: Document) {}
}
