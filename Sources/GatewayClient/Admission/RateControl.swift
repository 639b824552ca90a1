/// How fast requests may follow each other: a token bucket whose rate adapts to what the gateway says.
///
/// Without a rate of its own it lets everything through until the gateway throttles. Then it adopts the limit that the
/// gateway states, else halves (multiplicative decrease), and goes up again by and by (additive increase), never above
/// a stated or configured limit.
struct RateControl: Sendable {
  typealias Instant = ContinuousClock.Instant

  /// Within one period the bucket lets through what it holds and what flows in meanwhile: together no more than the
  /// limit, wherever the gateway's own period begins.
  private static let burstShare = 0.1
  /// Per second, of the rate that was throttled: back at it two seconds after it was halved. Nothing is lost when it
  /// was too early, for what is throttled was not done.
  private static let increaseShare = 0.25
  /// What is taken for the rate when the gateway throttles before there was one to speak of.
  private static let assumedPerSecond = 8.0
  private static let lowestPerSecond = 0.02

  private let configured: RequestRate?
  /// The limit that is known: configured, or stated by the gateway; of both the lower.
  private(set) var ceiling: RequestRate?
  /// Requests per second at present; nil for no limit at all.
  private(set) var perSecond: Double?
  private var tokens = 1.0
  private var filledAt: Instant?
  private var increase = 0.0
  private var pausedUntil: Instant?
  private var decreasedAt: Instant?
  private var recent: [Instant] = []

  init(_ rate: RequestRate?) {
    configured = rate
    guard let rate else { return }
    ceiling = rate
    perSecond = highest
    tokens = capacity
  }

  /// The earliest moment at which a request may go.
  mutating func earliest(now: Instant) -> Instant {
    fill(now)
    let free = max(now, pausedUntil ?? now)
    guard let perSecond, tokens < 1 else { return free }
    return max(free, now + .seconds((1 - tokens) / perSecond))
  }

  /// Takes note that a request goes now.
  mutating func admit(_ now: Instant) {
    fill(now)
    if perSecond == nil {
      recent.append(now)
      if recent.count > 512 { recent.removeFirst(256) }
    } else {
      tokens -= 1
    }
  }

  /// Takes note that the gateway took a request.
  mutating func succeed() {
    guard let perSecond else { return }
    let increase = max(increase, perSecond * Self.increaseShare)
    self.perSecond = min(highest ?? .infinity, perSecond + increase / max(perSecond, 1))
  }

  /// Takes note that the gateway refused a request for being one too many.
  ///
  /// - Parameters:
  ///   - sent: when the request went: what went before the last slow-down says nothing about the rate since.
  ///   - stated: the limit that the answer names.
  ///   - pause: how long it asks to wait.
  mutating func throttle(sent: Instant, now: Instant, stated: RequestRate?, pause: Duration?) {
    if let pause { pausedUntil = max(pausedUntil ?? now, now + pause) }
    if let decreasedAt, sent <= decreasedAt { return }
    fill(now)
    let before = perSecond ?? observed(now)
    decreasedAt = now
    tokens = 0
    let limit = [stated, configured].compactMap(\.self).min { $0.perSecond < $1.perSecond }
    if stated != nil, let limit, limit != ceiling {
      ceiling = limit
      perSecond = highest
    } else {
      perSecond = max(Self.lowestPerSecond, before / 2)
    }
    increase = before * Self.increaseShare
    recent = []
  }

  private var highest: Double? { ceiling.map { max(1, Double($0.count) * (1 - Self.burstShare)) / $0.seconds } }

  private var capacity: Double {
    max(1, (ceiling.map { Double($0.count) } ?? (perSecond ?? 0)) * Self.burstShare)
  }

  private mutating func fill(_ now: Instant) {
    defer { filledAt = max(filledAt ?? now, now) }
    guard let perSecond, let filledAt, now > filledAt else { return }
    tokens = min(capacity, tokens + perSecond * ((now - filledAt) / .seconds(1)))
  }

  /// Requests in the last second.
  private func observed(_ now: Instant) -> Double {
    max(Self.assumedPerSecond, Double(recent.count { now - $0 < .seconds(1) }))
  }
}

extension RequestRate {
  fileprivate var seconds: Double { period / .seconds(1) }
}
