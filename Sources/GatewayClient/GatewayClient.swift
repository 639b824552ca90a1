public import GatewayAPI
internal import GatewaySigning
internal import GatewayTransport
internal import JointTasks
public import Logging

/// Carries out operations on a gateway over HTTP, with manners: requests take turns within a limit that adapts to what
/// the gateway says, are sent again where that does no harm, and are joined where several want the same.
///
/// One client has one pool of connections; share it. Call ``shutdown()`` when done.
public final class GatewayClient: Gateway {
  public let product: GatewayProduct

  private let configuration: GatewayClientConfiguration
  private let transport: HTTPTransport
  private let scheduler: RequestScheduler
  private let counters = ClientCounters()
  private let reads = SharedReads()
  private let writes = WriteJoiner()
  private let exchange: RequestExchange

  /// - Parameters:
  ///   - logger: hears of each answer at level `debug`; nil for silence.
  ///   - onEvent: hears of what the client does beside sending.
  /// - Throws: `GatewayError` of kind `usage` when the endpoint is no URL or the trust roots cannot be read.
  public init(
    configuration: GatewayClientConfiguration, logger: Logger? = nil,
    onEvent: @escaping @Sendable (ClientEvent) -> Void = { _ in }
  ) throws(GatewayError) {
    self.configuration = configuration
    product = configuration.address.product
    var connections = configuration.transport
    connections.maximumConnections = configuration.concurrency
    let endpoint = try Endpoint(configuration.endpoint)
    transport = try HTTPTransport(connections)
    scheduler = RequestScheduler(
      places: configuration.concurrency, rate: configuration.rate, time: configuration.time)
    exchange = RequestExchange(
      transport: transport, endpoint: endpoint,
      authorization: RequestAuthorization(configuration, host: endpoint.hostHeader),
      credentials: configuration.credentials, scheduler: scheduler, policy: configuration.retries, counters: counters,
      time: configuration.time, logger: logger, onEvent: onEvent)
  }

  /// What the client did so far.
  public var statistics: ClientStatistics {
    var statistics = counters.statistics
    statistics.joinedReads = reads.joined
    (statistics.waitedForLimit, statistics.limit) = scheduler.facts
    return statistics
  }

  /// Carries out one operation.
  ///
  /// Cancelling the task ends a read at once and keeps a change from being sent; a change that has been sent is
  /// carried to its end, no longer than one request may take, and not sent again.
  ///
  /// - Throws: `GatewayError`; `CancellationError`.
  public func perform<Operation: GatewayOperation>(_ operation: Operation) async throws -> Operation.Output {
    do {
      if configuration.joinsWrites, let single = SingleWrite(operation),
        let output = try await join(single, operation) as? Operation.Output
      {
        return output
      }
      let response = try await response(to: try operation.request(for: configuration.address))
      return try output(of: operation, response)
    } catch var error as GatewayError {
      error.operation = error.operation ?? Operation.descriptor.name
      error.gateway = error.gateway ?? configuration.gatewayName
      throw error
    }
  }

  /// Closes every connection; requests in flight fail.
  public func shutdown() async { await transport.shutdown() }

  private func output<Operation: GatewayOperation>(
    of operation: Operation, _ response: GatewayResponse
  ) throws -> Operation.Output {
    guard (200..<300).contains(response.status) else {
      throw GatewayError(response: response, operation: Operation.descriptor.name)
    }
    do throws(GatewayError) {
      return try Operation.Output(response: response)
    } catch {
      // It was carried out, or something in between says so: what it did is not known.
      throw Operation.descriptor.effect == .write ? error.withUnknownOutcome : error
    }
  }

  private func response(to request: GatewayRequest) async throws -> GatewayResponse {
    try Task.checkCancellation()
    guard request.isWrite else {
      guard configuration.joinsReads, request.isRepeatable else { return try await exchange.response { request } }
      return try await reads.response(to: request) { try await self.exchange.response { request } }
    }
    let change = JointTask<Int, GatewayResponse>()
    guard let ticket = change.join(0) else { throw CancellationError() }
    change.start { change in
      defer { self.reads.noteChange() }
      return try await self.exchange.response {
        _ = try change.carry()
        return request
      } afterTry: {
        change.letGo()
      }
    }
    return try await change.value(ticket)
  }

  // MARK: - Joined writes

  private func join(_ single: SingleWrite, _ operation: some GatewayOperation) async throws -> Publication {
    // What the documentation rules out must not spoil the batch of others.
    _ = try operation.request(for: configuration.address)
    try Task.checkCancellation()
    return try await writes.publication(of: single.apiID, single.kind) { group in
      try await self.carryOut(group, single.kind)
    }
  }

  private func carryOut(
    _ group: WriteJoiner.Group, _ kind: WriteJoiner.Kind
  ) async throws -> [String: Result<Publication, GatewayError>] {
    defer { reads.noteChange() }
    var members: [String] = []
    let response = try await exchange.response {
      members = try group.carry()
      return try kind.request(for: members, at: self.configuration.address)
    } afterTry: {
      group.letGo()
    }
    if members.count > 1 {
      counters.countJoined(members.count)
      exchange.onEvent(.joined(action: kind.action.rawValue, count: members.count))
    }
    return try kind.results(of: members, response)
  }
}
