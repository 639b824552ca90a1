/// The functions that states have given each other.
///
/// Either side counts what it has sent or received of a function, and one is given back only when the counts agree: else
/// it is on its way once more.
struct FunctionHoldings {
  /// A function of a state's own that no other holds any more.
  struct Release: Sendable {
    let number: Int64
    /// How often it was sent.
    let sent: Int64
    /// How often it came home.
    let returned: Int64
  }

  private struct Trade {
    var sent: Int64 = 0
    var returned: Int64 = 0
  }

  /// By holder: how often each function was given to it.
  private var held: [String: [FunctionReference: Int64]] = [:]
  private var trades: [FunctionReference: Trade] = [:]
  /// What a state may not let go of, because others may still be given it: what its modules returned.
  private var lasting: Set<FunctionReference> = []

  func isHeld(_ function: FunctionReference, by holder: String) -> Bool { held[holder]?[function] != nil }

  mutating func keep(_ function: FunctionReference) { lasting.insert(function) }

  mutating func note(sent function: FunctionReference) { trades[function, default: Trade()].sent += 1 }
  mutating func note(returned function: FunctionReference) { trades[function, default: Trade()].returned += 1 }
  mutating func give(_ function: FunctionReference, to holder: String) {
    held[holder, default: [:]][function, default: 0] += 1
  }

  /// Takes back what a state holds no more.
  ///
  /// - Parameter count: how often it has received it.
  /// - Returns: whether nothing of it is on its way to the state, and what the owner is to be told.
  mutating func release(
    _ function: FunctionReference, by holder: String, received count: Int64
  ) -> (isOver: Bool, release: Release?) {
    if let given = held[holder]?[function], given != count { return (false, nil) }
    held[holder]?[function] = nil
    guard !lasting.contains(function), !held.values.contains(where: { $0[function] != nil }) else {
      return (true, nil)
    }
    let trade = trades[function, default: Trade()]
    return (true, Release(number: function.number, sent: trade.sent, returned: trade.returned))
  }

  /// Forgets what a state has let go of.
  mutating func forget(_ function: FunctionReference) { trades[function] = nil }

  /// Forgets a state, and returns what others are to be told.
  mutating func forget(_ state: String, life: Int64) -> [(owner: String, Release)] {
    let releases = (held[state] ?? [:]).compactMap { function, count in
      release(function, by: state, received: count).release.map { (function.owner, $0) }
    }
    held[state] = nil
    trades = trades.filter { $0.key.owner != state || $0.key.life != life }
    lasting = lasting.filter { $0.owner != state || $0.life != life }
    return releases
  }
}
