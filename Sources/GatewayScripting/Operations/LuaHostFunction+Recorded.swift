internal import LuaRuntime
internal import ReleaseEngine

extension LuaHostFunction {
  /// A function that suspends its caller and whose doings are the run's: what it asks is recorded as this call's.
  static func recorded(
    _ name: String, _ body: @escaping @Sendable (LuaCall) async throws -> [LuaValue]
  ) -> LuaHostFunction {
    .async(name) { call in try await CallOrigin.$current.withValue(CallOrigin(call)) { try await body(call) } }
  }
}

extension CallOrigin {
  init(_ call: LuaCall) { self.init(branch: call.branch, place: call.location.map(String.init(describing:))) }
}
