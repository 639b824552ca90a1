internal import LuaRuntime
internal import ReleaseEngine
internal import RunJournal

extension LuaHostFunction {
  /// A function that suspends its caller and whose doings are the run's: what it asks is recorded as this call's.
  ///
  /// A run that cannot be journalled, has lost its lock, or is not the run that its journal tells of, ends at once: no
  /// script can catch that.
  static func recorded(
    _ name: String, _ body: @escaping @Sendable (LuaCall) async throws -> [LuaValue]
  ) -> LuaHostFunction {
    .async(name) { call in
      try await CallOrigin.$current.withValue(CallOrigin(call)) {
        do {
          return try await body(call)
        } catch let error where error.endsTheRun {
          throw LuaStop(error)
        }
      }
    }
  }
}

extension CallOrigin {
  init(_ call: LuaCall) {
    self.init(
      branch: call.branch, place: call.location.map(String.init(describing:)),
      callbacks: AskedBranches.current?.callbacks(in: call.branch) ?? [])
  }
}

extension Error {
  fileprivate var endsTheRun: Bool {
    self is JournalError || self is RunDivergence || self is ReplayEnd || self is EnvironmentHeld
  }
}
