internal import GatewayAPI
internal import GatewayTransport

/// The client for other servers than gateways, made when a script first turns to one.
actor WebConnection {
  private let settings: Settings
  private let bench: RunBench?
  private var client: WebClient?

  /// - Parameter bench: of a run under test; it says who may be turned to.
  init(settings: Settings, bench: RunBench? = nil) {
    self.settings = settings
    self.bench = bench
  }

  /// - Throws: ``GatewayError``; ``ConfigurationError`` for settings that cannot be used; `CancellationError`.
  func send(_ request: WebRequest) async throws -> WebAnswer {
    try bench?.admit(request)
    let client = try client ?? open()
    self.client = client
    return try await client.send(request)
  }

  func close() async {
    await client?.shutdown()
    client = nil
  }

  private func open() throws -> WebClient {
    let transport = try settings.transport()
    do throws(GatewayError) {
      return try WebClient(transport)
    } catch {
      throw ConfigurationError(message: error.message, hint: error.hint)
    }
  }
}
