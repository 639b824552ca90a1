internal import GRDB
internal import GatewayAPI
internal import Synchronization

/// The fault rules in force: kept in the data file, so that every gateway on it has them and counters outlive a
/// process; read into memory, so that a gateway without faults pays next to nothing for them.
///
/// Whether the memory is still right is asked inside the transaction that a request needs anyway. When it is not, the
/// request starts again with what the file says.
final class FaultBook: Sendable {
  private let store: Store
  private let clock: GatewayClock
  /// Stands beside the rules that end with this gateway.
  private let gatewayID = Identifier.random()
  private let rules = Mutex(FaultRules())
  private let buckets = Mutex<[Int64: RateBucket]>([:])
  private let time: MonotonicTime
  private let start: ContinuousClock.Instant

  init(store: Store, clock: GatewayClock, time: MonotonicTime = MonotonicTime()) {
    self.store = store
    self.clock = clock
    self.time = time
    start = time.now()
  }

  // MARK: - Keeping

  /// Adds rules behind those that are there.
  ///
  /// - Parameter areOurs: whether they end with this gateway.
  func add(_ added: [FaultRule], areOurs: Bool) async throws {
    let gatewayID = gatewayID
    let now = clock.base().seconds
    try await store.write { db in
      try FaultRow.add(added, gateway: areOurs ? gatewayID : nil, by: gatewayID, now: now, db)
    }
    try await reload()
  }

  /// Removes all rules that this gateway obeys.
  func clear() async throws {
    let gatewayID = gatewayID
    try await store.write { db in try FaultRow.clear(for: gatewayID, db) }
    try await reload()
  }

  /// Removes the rules that end with this gateway.
  func end() async throws {
    let gatewayID = gatewayID
    try await store.write { db in
      try db.execute(sql: "DELETE FROM fault WHERE gateway = ?", arguments: [gatewayID])
    }
  }

  /// The rules with their counters.
  func rows() async throws -> [FaultRow] {
    let gatewayID = gatewayID
    return try await store.read { db in try FaultRow.inForce(for: gatewayID, db) }
  }

  private func reload() async throws {
    let gatewayID = gatewayID
    let (fresh, hasOwn) = try await store.read { db in
      let rows = try FaultRow.inForce(for: gatewayID, db)
      let fresh = FaultRules(
        revision: try FaultRules.Revision(db),
        rules: rows.compactMap { row in
          // A newer program may have written what this one cannot read.
          guard let position = row.position, let rule = try? FaultRule(row.rule) else { return nil }
          return (position, rule)
        })
      return (fresh, rows.contains { $0.gateway != nil })
    }
    if hasOwn {
      let now = clock.base().seconds
      try await store.write { db in try FaultRow.renew(for: gatewayID, now: now, db) }
    }
    // Should an older reading come last, the next request notices.
    rules.withLock { $0 = fresh }
    buckets.withLock { buckets in
      buckets = buckets.filter { position, _ in fresh.rules.contains { $0.position == position } }
    }
  }

  // MARK: - Firing

  /// Runs the body with the rules in force.
  ///
  /// - Parameters:
  ///   - exchange: loses what was noted by a run that others' rules put an end to.
  ///   - body: calls ``FaultRules/requireCurrent(_:)`` in its transaction before it changes anything.
  func withRules<Value>(_ exchange: Exchange, _ body: (FaultRules) async throws -> Value) async throws -> Value {
    let facts = exchange.facts
    while true {
      do {
        return try await body(rules.withLock { $0 })
      } catch is FaultRulesChanged {
        exchange.note { $0 = facts }
        try await reload()
      }
    }
  }

  /// What happens to a request before it is carried out.
  ///
  /// - Returns: an answer that it gets instead; nil when it goes on.
  /// - Throws: ``FaultRulesChanged``.
  func before(_ subject: FaultSubject, _ rules: FaultRules, _ exchange: Exchange) async throws -> Reply? {
    guard !rules.rules.isEmpty else { return nil }
    if let reply = try await overLimit(subject, rules, exchange) { return reply }
    if let rule = try await fire(.latency, subject, rules, mustBeCurrent: true), let latency = rule.latency {
      exchange.note { $0.fault = rule.description }
      try await Task.sleep(for: latency)
    }
    guard let rule = try await fire(.before, subject, rules, mustBeCurrent: true) else { return nil }
    return try await reply(of: rule, subject, exchange)
  }

  /// How old the state is that a read is answered from; nil for the present.
  ///
  /// - Throws: ``FaultRulesChanged``.
  func staleness(_ subject: FaultSubject, _ rules: FaultRules, _ exchange: Exchange) async throws -> Duration? {
    guard let rule = try await fire(.apply, subject, rules, mustBeCurrent: true),
      case .fault(_, .stale(let age)) = rule.kind
    else { return nil }
    exchange.note { $0.fault = rule.description }
    if let latency = rule.latency { try await Task.sleep(for: latency) }
    return age
  }

  /// What becomes of the answer to a request that has been carried out.
  func after(
    _ subject: FaultSubject, _ rules: FaultRules, _ exchange: Exchange, _ reply: Reply
  ) async throws -> Reply {
    guard !rules.rules.isEmpty else { return reply }
    if let rule = try await fire(.after, subject, rules, mustBeCurrent: false),
      let other = try await self.reply(of: rule, subject, exchange)
    {
      return other
    }
    guard let rule = try await fire(.answer, subject, rules, mustBeCurrent: false),
      case .fault(_, .cut(let length)) = rule.kind
    else { return reply }
    exchange.note { $0.fault = rule.description }
    if let latency = rule.latency { try await Task.sleep(for: latency) }
    var reply = reply
    reply.cutLength = length
    return reply
  }

  private func overLimit(_ subject: FaultSubject, _ rules: FaultRules, _ exchange: Exchange) async throws -> Reply? {
    for (position, rule) in rules.rules where rule.matches(subject) {
      guard case .rate(let limit) = rule.kind else { continue }
      let now = time.now() - start
      let wait = buckets.withLock { $0[position, default: RateBucket(limit, at: now)].take(at: now) }
      guard let wait else { continue }
      // Who is refused begins no other transaction that would notice that the rule is gone.
      try store.readHere { try rules.requireCurrent($0) }
      exchange.note { facts in
        facts.fault = rule.description
        facts.code = GatewayErrorCode.throttled.rawValue
      }
      return FaultAnswer.throttled(limit, wait: wait)
    }
    return nil
  }

  private func reply(of rule: FaultRule, _ subject: FaultSubject, _ exchange: Exchange) async throws -> Reply? {
    exchange.note { $0.fault = rule.description }
    if let latency = rule.latency { try await Task.sleep(for: latency) }
    let reply: Reply
    switch rule.kind {
    case .fault(_, .answer(let answer)):
      reply = FaultAnswer.reply(answer, to: subject.kind)
    case .fault(_, .expireToken): reply = Fault.expired.reply
    case .fault(_, .drop):
      exchange.note { $0.isDropped = true }
      return Reply(status: 500, body: .none)
    default: return nil
    }
    exchange.note { $0.code = FaultAnswer.code(of: reply) }
    return reply
  }

  /// Counts the request at the rules of a stage, up to the first that fires.
  private func fire(
    _ stage: FaultRule.Stage, _ subject: FaultSubject, _ rules: FaultRules, mustBeCurrent: Bool
  ) async throws -> FaultRule? {
    let candidates = rules.rules.filter { $0.rule.stage == stage && $0.rule.matches(subject) }
    guard !candidates.isEmpty else { return nil }
    return try await store.write { db in
      if mustBeCurrent { try rules.requireCurrent(db) }
      for (position, rule) in candidates {
        guard try rule.concerns(subject, db), let row = try FaultRow.fetchOne(db, key: position) else { continue }
        let number = row.matched + 1
        let fires = rule.fires(number: number, fired: row.fired)
        try db.execute(
          sql: "UPDATE fault SET matched = ?, fired = ? WHERE position = ?",
          arguments: [number, row.fired + (fires ? 1 : 0), position])
        if fires { return rule }
      }
      return nil
    }
  }
}
