internal import GatewayAPI
internal import GatewaySigning

/// Decides when an issued credential is renewed. A value: time comes in, decisions come out.
///
/// ```
///  nothing ──renewed──▶ fresh ──margin before the end──▶ due ──end──▶ nothing
///     ▲                   ▲                                │
///     │                   └────────────renewed─────────────┤
///     └─────────── refused (once per credential) ──────────┘ failed: due again after a pause
/// ```
struct RenewalSchedule: Sendable {
  enum Decision: Sendable, Equatable {
    /// It is good for a while.
    case use(GatewayAuthentication)
    /// It is good, and its end is near enough to fetch the next.
    case useAndRenew(GatewayAuthentication)
    /// There is none to use before the next has come.
    case renew
  }

  /// How long a renewal that failed is left alone while the old credential is still valid, in seconds.
  static let pause: Int64 = 30
  /// The least time before the end at which a renewal begins, in seconds.
  static let leastMargin: Int64 = 300

  private struct Holding: Sendable {
    let issued: IssuedCredential
    /// From here on it is renewed; nil when it has no end.
    let dueAt: Timestamp?
  }

  private var holding: Holding?
  private var notBefore: Timestamp?
  private var lastRefused: GatewayAuthentication?

  func decision(at now: Timestamp) -> Decision {
    guard let holding, isValid(holding, at: now) else { return .renew }
    let authentication = holding.issued.authentication
    guard let dueAt = holding.dueAt, now >= dueAt else { return .use(authentication) }
    if let notBefore, now < notBefore { return .use(authentication) }
    return .useAndRenew(authentication)
  }

  mutating func renewed(_ issued: IssuedCredential, at now: Timestamp) {
    notBefore = nil
    let dueAt = issued.expiresAt.map { end in
      let life = max(0, end.seconds - now.seconds)
      // A tenth of its life or five minutes, whichever comes sooner; of a short life, half.
      let margin = min(max(life / 10, Self.leastMargin), life / 2)
      return Timestamp(seconds: end.seconds - margin)
    }
    holding = Holding(issued: issued, dueAt: dueAt)
  }

  /// A renewal failed: what is still valid stays in use.
  mutating func failed(at now: Timestamp) { notBefore = Timestamp(seconds: now.seconds + Self.pause) }

  /// What to do after the gateway refused a credential: nil when renewing would only repeat what was tried.
  mutating func decision(refusing refused: GatewayAuthentication, at now: Timestamp) -> Decision? {
    if let holding, holding.issued.authentication != refused {
      // Somebody else has renewed it meanwhile.
      return decision(at: now)
    }
    guard lastRefused != refused else { return nil }
    lastRefused = refused
    holding = nil
    return .renew
  }

  private func isValid(_ holding: Holding, at now: Timestamp) -> Bool {
    holding.issued.expiresAt.map { now < $0 } ?? true
  }
}
