internal import GRDB
internal import GatewayAPI
internal import Hummingbird
internal import HummingbirdCore
internal import Logging
internal import NIOCore

/// A gateway for one machine: the documented API on HTTP, its state in SQLite.
public struct LocalGateway: Sendable {
  public let configuration: LocalGatewayConfiguration

  public init(configuration: LocalGatewayConfiguration) { self.configuration = configuration }

  /// Serves until the task is cancelled.
  ///
  /// - Parameter onListening: called once it listens, with its URL.
  /// - Throws: ``LocalGatewayError`` when the port is taken or the data file cannot be opened.
  public func run(onListening: @escaping @Sendable (_ url: String) async -> Void) async throws {
    let store = try await openStore()
    let clock = GatewayClock(base: configuration.now)
    let faults = FaultBook(store: store, clock: clock, time: configuration.time)
    let server = Server(configuration: configuration, store: store, faults: faults, clock: clock)
    let host = configuration.host
    let application = Application(
      router: server.router(),
      server: HTTPServerBuilder { AcceptedConnections(http: HTTP1Channel(responder: $0)) },
      configuration: ApplicationConfiguration(
        address: .hostname(host, port: configuration.port), serverName: "apig-lua local gateway"),
      onServerRunning: { channel in
        let port = channel.localAddress?.port ?? 0
        await onListening("http://\(host.contains(":") ? "[\(host)]" : host):\(port)")
      },
      logger: Logger(label: "apig-lua.local-gateway") { _ in SwiftLogNoOpLogHandler() })
    var failure: (any Error)?
    do {
      try await faults.add(configuration.faults, areOurs: true)
      try await application.run()
    } catch is CancellationError {
      // This is how it is asked to end.
    } catch let error as IOError {
      failure = LocalGatewayError.address(host, configuration.port, error)
    } catch {
      failure = error
    }
    // What began with this gateway ends with it, although its task has been cancelled.
    do {
      if !configuration.faults.isEmpty { try await Task { try await faults.end() }.value }
    } catch {
      failure = failure ?? error
    }
    do { try store.close() } catch { failure = failure ?? error }
    if let failure { throw failure }
  }

  /// Puts a data file back to its first state: what it held is gone.
  ///
  /// - Throws: ``LocalGatewayError`` when a gateway is running on it, or it cannot be removed or made anew.
  public static func reset(dataFile path: String) async throws {
    do {
      try StoreFile.makeFolder(of: path)
      try StoreFile.remove(path)
    } catch let error as StoreInUse {
      throw LocalGatewayError.inUse(path, error)
    } catch {
      throw LocalGatewayError.data(path, error)
    }
    let gateway = LocalGateway(configuration: LocalGatewayConfiguration(storage: .file(path)))
    try await gateway.openStore().close()
  }

  /// Takes a seed over into a data file, all of it or nothing; a gateway may be running on it.
  ///
  /// - Parameter replacing: whether what the file held is gone then; else the seed is added to it. A new file holds the
  ///   seed alone.
  /// - Throws: ``SeedError`` for what the gateway would not take; ``LocalGatewayError`` when the file cannot be used.
  public static func seed(_ seed: Seed, dataFile path: String, replacing: Bool = false) async throws {
    let configuration = LocalGatewayConfiguration(storage: .file(path))
    let now = configuration.now()
    do {
      let store = try Store(configuration.storage)
      try await store.write { db in
        // In the same transaction: a file that a seed fails to begin is still a new one.
        try makeNew(in: db, now: now, withAPIs: false)
        if replacing { try SeedPlanting.clear(db) }
        try SeedPlanting(seed: seed, db: db, now: now).plant()
      }
      try store.close()
    } catch let error as SeedError {
      throw error
    } catch {
      throw LocalGatewayError.data(path, error)
    }
  }

  /// Everything that a data file holds, as one moment's truth; a gateway may be running on it.
  ///
  /// - Throws: ``LocalGatewayError`` when there is no such file, or it cannot be used.
  public static func snapshot(dataFile path: String) async throws -> Seed {
    guard StoreFile.exists(path) else { throw LocalGatewayError.data(path, NoDataFile()) }
    let store = try await LocalGateway(configuration: LocalGatewayConfiguration(storage: .file(path))).openStore()
    let seed = try await store.read { try Seed.snapshot($0) }
    try store.close()
    return seed
  }

  func openStore() async throws -> Store {
    let configuration = configuration
    do {
      let store = try Store(configuration.storage)
      try await store.write { db in
        let hasDemo = configuration.hasDemo && configuration.seed == nil
        try Self.makeNew(in: db, now: configuration.now(), withAPIs: hasDemo, configuration.seed)
      }
      return store
    } catch let error as SeedError {
      throw error
    } catch {
      guard case .file(let path) = configuration.storage else { throw error }
      throw LocalGatewayError.data(path, error)
    }
  }

  /// Fills a store that holds nothing yet; any other stays as it is.
  private static func makeNew(in db: Database, now: Timestamp, withAPIs: Bool, _ seed: Seed? = nil) throws {
    guard try EnvironmentRow.fetchCount(db) == 0 else { return }
    let last = try EffectChanges.last(db)
    try DemoProject.make(in: db, now: now, withAPIs: withAPIs)
    if let seed { try SeedPlanting(seed: seed, db: db, now: now).plant() }
    // What a gateway begins with has been in effect for long.
    try EffectChanges.forget(after: last, db)
  }
}

/// Runs a local gateway for as long as the body runs.
///
/// - Parameter body: gets the gateway's URL.
/// - Throws: what the gateway or the body throws.
public func withLocalGateway<Value: Sendable>(
  _ configuration: LocalGatewayConfiguration, _ body: @escaping @Sendable (_ url: String) async throws -> Value
) async throws -> Value {
  let (urls, continuation) = AsyncStream.makeStream(of: String.self)
  return try await withThrowingTaskGroup(of: Value?.self) { group in
    group.addTask {
      defer { continuation.finish() }
      try await LocalGateway(configuration: configuration).run { continuation.yield($0) }
      return nil
    }
    group.addTask {
      for await url in urls { return try await body(url) }
      return nil
    }
    defer { group.cancelAll() }
    while let result = try await group.next() {
      if let value = result { return value }
    }
    throw CancellationError()
  }
}
