internal import GRDB
internal import GatewayAPI

/// The fault rules that a data file keeps: every local gateway on it obeys them, running or started later.
public struct FaultFile: Sendable {
  private let gateway: LocalGateway

  /// - Parameter dataFile: made, with the demo project, when it is not there.
  public init(dataFile: String) {
    gateway = LocalGateway(configuration: LocalGatewayConfiguration(storage: .file(dataFile)))
  }

  /// A rule with what it has seen.
  public struct Entry: Sendable, Hashable {
    /// As it was written.
    public let rule: String
    /// How many requests it was for.
    public let matched: Int
    /// How many of them it did something to.
    public let fired: Int
  }

  /// The rules in their order.
  ///
  /// - Throws: ``LocalGatewayError`` when the file cannot be used.
  public func entries() async throws -> [Entry] {
    try await withStore { store in
      try await store.read { db in
        try FaultRow.inForce(for: nil, db).map { Entry(rule: $0.rule, matched: $0.matched, fired: $0.fired) }
      }
    }
  }

  /// Adds rules behind those that are there.
  ///
  /// - Throws: ``LocalGatewayError`` when the file cannot be used.
  public func add(_ rules: [FaultRule]) async throws {
    let now = gateway.configuration.now().seconds
    try await withStore { store in
      try await store.write { db in try FaultRow.add(rules, gateway: nil, by: nil, now: now, db) }
    }
  }

  /// Removes all rules.
  ///
  /// - Throws: ``LocalGatewayError`` when the file cannot be used.
  public func clear() async throws {
    try await withStore { store in try await store.write { db in try FaultRow.clear(for: nil, db) } }
  }

  private func withStore<Value>(_ body: (Store) async throws -> Value) async throws -> Value {
    let store = try await gateway.openStore()
    let value = try await body(store)
    try store.close()
    return value
  }
}
