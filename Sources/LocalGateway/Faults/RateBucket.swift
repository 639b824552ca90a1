/// A token bucket: full at first, so many tokens come back per second.
struct RateBucket: Sendable {
  let limit: FaultRule.Limit
  private var tokens: Double
  private var moment: Duration

  /// - Parameter moment: a time that only grows, from wherever it begins.
  init(_ limit: FaultRule.Limit, at moment: Duration) {
    self.limit = limit
    self.moment = moment
    tokens = Double(limit.count)
  }

  private var perSecond: Double { Double(limit.count) / Double(limit.unit.seconds) }

  /// Takes a token.
  ///
  /// - Returns: nil, or how many seconds are left until there is one.
  mutating func take(at now: Duration) -> Double? {
    let elapsed = max(.zero, now - moment) / .seconds(1)
    moment = max(moment, now)
    tokens = min(Double(limit.count), tokens + elapsed * perSecond)
    guard tokens < 1 else {
      tokens -= 1
      return nil
    }
    return (1 - tokens) / perSecond
  }
}
