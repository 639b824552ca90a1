internal import GRDB
internal import GatewayAPI

/// What one environment answers, as of one change of the store; later changes are taken over one by one.
struct EnvironmentRoutes: Sendable {
  private let environmentID: String
  private var routes: [String: Route] = [:]
  /// By group.
  private var tables: [String: RouteTable] = [:]
  /// Number of the last change that is taken over, or waits for its moment.
  private var position: Int64 = 0
  /// Changes that are not seen yet, with the moment from which they are.
  private var waiting: [(due: Int64, apiID: String)] = []
  private var updated: Int64 = 0

  /// Grows with what has been taken over.
  var moment: (Int64, Int64) { (position, updated) }

  /// Requests that come together may bring their times out of order, by less than this many microseconds.
  private static let disorder: Int64 = 1_000_000

  /// Reads all of it.
  ///
  /// - Parameters:
  ///   - now: microseconds since 1970.
  ///   - delay: how much later a change is seen, in microseconds.
  init(_ environmentID: String, now: Int64, delay: Int64, _ db: Database) throws {
    self.environmentID = environmentID
    position = try EffectChanges.last(db)
    updated = now
    for route in try EffectChanges.routes(in: environmentID, db) { routes[route.apiID] = route }
    if delay > 0 {
      for change in try EffectChanges.changes(after: 0, in: environmentID, db) where change.moment + delay > now {
        waiting.append((change.moment + delay, change.apiID))
      }
      for apiID in Set(waiting.map(\.apiID)) {
        routes[apiID] = try EffectChanges.route(of: apiID, in: environmentID, at: now - delay, db)
      }
    }
    for group in Set(routes.values.map(\.groupID)) { rebuild(group) }
  }

  /// Takes over what has changed, or has become visible, since.
  ///
  /// - Returns: false when that cannot be told and all must be read again.
  mutating func update(now: Int64, delay: Int64, _ db: Database) throws -> Bool {
    let last = try EffectChanges.last(db)
    // Without a delay no moment counts: a change made while the clock was ahead is in effect, too.
    let now = delay == 0 ? Int64.max : updated - now < Self.disorder ? max(now, updated) : now
    if last == position, waiting.isEmpty, now >= updated { return true }
    // The clock was set back, or changes were dropped: the past cannot be built from the present.
    guard now >= updated, last >= position, try last == position || EffectChanges.first(db) <= position + 1 else {
      return false
    }
    if last == position, waiting.allSatisfy({ $0.due > now }) { return true }
    var touched = Set(waiting.filter { $0.due <= now }.map(\.apiID))
    waiting.removeAll { $0.due <= now }
    for change in try EffectChanges.changes(after: position, in: environmentID, db) {
      if change.moment + delay > now {
        waiting.append((change.moment + delay, change.apiID))
      } else {
        touched.insert(change.apiID)
      }
    }
    var groups: Set<String> = []
    for apiID in touched {
      let old = routes[apiID]
      let new = try EffectChanges.route(of: apiID, in: environmentID, at: now - delay, db)
      routes[apiID] = new
      if let new, old.map(new.isInPlace) ?? true {
        tables[new.groupID, default: RouteTable()].insert(new)
      } else {
        groups.formUnion([old?.groupID, new?.groupID].compactMap(\.self))
      }
    }
    for group in groups { rebuild(group) }
    position = last
    updated = now
    return true
  }

  func match(group: String, method: String, path: String) -> Route? {
    tables[group]?.match(method: method, path: path)
  }

  private mutating func rebuild(_ group: String) {
    var table = RouteTable()
    for route in routes.values where route.groupID == group { table.insert(route) }
    tables[group] = table
  }
}
