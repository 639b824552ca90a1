internal import LuaRuntime

extension PackageStates {
  /// What the code of a state is asked to do.
  struct Request: Sendable {
    enum Work: Sendable {
      case load(module: String)
      case call(function: Int64, arguments: LuaValue, count: Int64)
    }

    let id: Int64
    let work: Work
    /// Where what it does stands in the journal.
    let branch: String
  }

  /// What a state hears next.
  enum News: Sendable {
    case request(Request)
    /// Nobody else holds these functions of its own any more.
    case released([FunctionHoldings.Release])
  }

  /// What a request came to, as the other state gets it.
  enum Answer: Sendable {
    case values(LuaValue, count: Int64)
    case failure(LuaValue)
  }
}

extension PackageStates.Request.Work {
  /// About as many bytes as it holds.
  var weight: Int {
    if case .call(_, let arguments, _) = self { 512 + arguments.weight } else { 512 }
  }
}
