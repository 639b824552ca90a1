internal import Hummingbird
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
    let faults = FaultBook(store: store, clock: clock)
    try await faults.add(configuration.faults, areOurs: true)
    let server = Server(configuration: configuration, store: store, faults: faults, clock: clock)
    let host = configuration.host
    let application = Application(
      router: server.router(),
      configuration: ApplicationConfiguration(
        address: .hostname(host, port: configuration.port), serverName: "apig-lua local gateway"),
      onServerRunning: { channel in
        let port = channel.localAddress?.port ?? 0
        await onListening("http://\(host.contains(":") ? "[\(host)]" : host):\(port)")
      },
      logger: Logger(label: "apig-lua.local-gateway") { _ in SwiftLogNoOpLogHandler() })
    var failure: LocalGatewayError?
    do {
      try await application.run()
    } catch is CancellationError {
      // This is how it is asked to end.
    } catch let error as IOError {
      failure = LocalGatewayError.address(host, configuration.port, error)
    }
    // What began with this gateway ends with it, although its task has been cancelled.
    if !configuration.faults.isEmpty { try await Task { try await faults.end() }.value }
    try store.close()
    if let failure { throw failure }
  }

  /// Puts a data file back to its first state: what it held is gone.
  ///
  /// - Throws: ``LocalGatewayError`` when the file cannot be removed or made anew.
  public static func reset(dataFile path: String) async throws {
    do { try StoreFile.remove(path) } catch { throw LocalGatewayError.data(path, error) }
    let gateway = LocalGateway(configuration: LocalGatewayConfiguration(storage: .file(path)))
    try await gateway.openStore().close()
  }

  func openStore() async throws -> Store {
    let configuration = configuration
    do {
      let store = try Store(configuration.storage)
      try await store.write { db in
        let last = try EffectChanges.last(db)
        try DemoProject.make(in: db, now: configuration.now(), withAPIs: configuration.hasDemo)
        // What a gateway begins with has been in effect for long.
        try EffectChanges.forget(after: last, db)
      }
      return store
    } catch {
      guard case .file(let path) = configuration.storage else { throw error }
      throw LocalGatewayError.data(path, error)
    }
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
