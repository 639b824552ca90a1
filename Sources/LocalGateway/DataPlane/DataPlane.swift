internal import GRDB
internal import GatewayAPI
internal import Hummingbird
internal import Synchronization

/// Calls of published APIs: found by group, environment, method and path, answered by the version in effect.
///
/// The routes of an environment are kept in memory. Each call asks the store for the number of its last change, in the
/// transaction in which it looks up group and environment, so that changes by other processes count at once.
final class DataPlane: Sendable {
  private let store: Store
  private let clock: GatewayClock
  private let faults: FaultBook
  /// In microseconds.
  private let delay: Int64
  private let environments = Mutex<[String: EnvironmentRoutes]>([:])

  init(configuration: LocalGatewayConfiguration, store: Store, clock: GatewayClock, faults: FaultBook) {
    self.store = store
    self.clock = clock
    self.faults = faults
    delay = max(0, configuration.propagation.microseconds)
  }

  struct Target: Sendable {
    /// ID or name.
    let group: String
    let path: String
  }

  /// What a request calls; nil when it is for the gateway itself.
  ///
  /// A group is called by its debugging domain name in `Host`, or by `/_call/GROUP/PATH`.
  static func target(host: String?, path: String) -> Target? {
    if path.hasPrefix(callPrefix) {
      let rest = path.dropFirst(callPrefix.count)
      let group = rest.prefix { $0 != "/" }
      let called = rest.dropFirst(group.count)
      return Target(group: String(group).percentDecoded, path: called.isEmpty ? "/" : String(called))
    }
    guard let host, let name = host.split(separator: ":").first?.lowercased(), name.hasSuffix(domainSuffix) else {
      return nil
    }
    return Target(group: String(name.dropLast(domainSuffix.count)), path: path)
  }

  private static let callPrefix = "/_call/"
  private static let domainSuffix = ".apic.local"

  func answer(_ target: Target, method: String, stage: String, _ exchange: Exchange) async throws -> Reply {
    exchange.note { $0.operation = "call" }
    return try await faults.withRules(exchange) { rules in
      let now = clock.now().microseconds
      // Taken before the transaction begins, what is known is never ahead of what the transaction sees.
      let known = environments.withLock { $0 }
      let route = try store.readHere { db in
        try rules.requireCurrent(db)
        return try self.route(target, method: method, stage: stage, now: now, known, db)
      }
      let subject = FaultSubject(kind: .call(path: target.path), apis: route.map { [$0.apiID] } ?? [])
      if let reply = try await faults.before(subject, rules, exchange) { return reply }
      let reply = route.map { $0.backend.reply(for: $0) } ?? Self.notFound(exchange)
      return try await faults.after(subject, rules, exchange, reply)
    }
  }

  private func route(
    _ target: Target, method: String, stage: String, now: Int64, _ known: [String: EnvironmentRoutes], _ db: Database
  ) throws -> Route? {
    let groupStatement = try db.cachedStatement(
      sql: "SELECT id FROM api_group WHERE id = ?1 OR name = ?1 ORDER BY id <> ?1")
    let environmentStatement = try db.cachedStatement(sql: "SELECT id FROM env WHERE name = ?")
    guard let group = try String.fetchOne(groupStatement, arguments: [target.group]),
      let environment = try String.fetchOne(environmentStatement, arguments: [stage])
    else { return nil }
    return try routes(of: environment, now: now, known[environment], db)
      .match(group: group, method: method, path: target.path)
  }

  private func routes(
    of environment: String, now: Int64, _ known: EnvironmentRoutes?, _ db: Database
  ) throws -> EnvironmentRoutes {
    if var known, try known.update(now: now, delay: delay, db) {
      keep(known, environment)
      return known
    }
    let fresh = try EnvironmentRoutes(environment, now: now, delay: delay, db)
    environments.withLock { $0[environment] = fresh }
    return fresh
  }

  /// Calls at the same time may have read different moments: the latest stays.
  private func keep(_ routes: EnvironmentRoutes, _ environment: String) {
    environments.withLock { environments in
      if let other = environments[environment], other.moment >= routes.moment { return }
      environments[environment] = routes
    }
  }

  private static func notFound(_ exchange: Exchange) -> Reply {
    exchange.note { $0.code = notFoundCode }
    return .json(
      [
        "error_code": .string(notFoundCode),
        "error_msg": "The API does not exist or has not been published in the environment",
        "request_id": .string(exchange.id),
      ], status: 404)
  }

  private static let notFoundCode = "APIG.0101"
}
