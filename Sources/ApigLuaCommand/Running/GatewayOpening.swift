internal import GatewayAPI
internal import GatewayClient
internal import GatewayCredentials
internal import GatewaySigning
internal import GatewayTransport
internal import LocalGateway

/// Opens gateways by name, as the settings say.
struct GatewayOpening: Sendable {
  /// A gateway that can be turned to, until it is closed.
  struct Opened: Sendable {
    let client: GatewayClient
    let server: RunningLocalGateway?
    /// What tells it from all others, whatever it is called here.
    let identity: String
    let isLocal: Bool

    func close() async {
      await client.shutdown()
      await server?.stop()
    }
  }

  let settings: Settings
  let instruments: RunInstruments
  let onClientEvent: @Sendable (ClientEvent) -> Void
  /// Where runs of a test find their gateway and their time; nil for everyone else.
  var bench: RunBench?

  /// - Throws: ``ConfigurationError``, ``CredentialError``, ``UsageError`` for an unknown name.
  func open(_ name: String) async throws -> Opened {
    let isLocal = name == GatewayProfile.localName
    let server = isLocal && !instruments.isReplaying ? try await localServer() : nil
    var configuration = isLocal ? localConfiguration(server) : try await configuration(name)
    apply(to: &configuration)
    instruments.configure(&configuration, gateway: name)
    let client: GatewayClient
    do throws(GatewayError) {
      client = try GatewayClient(
        configuration: configuration, logger: instruments.logger, onEvent: onClientEvent)
    } catch {
      throw ConfigurationError(message: error.message, hint: error.hint)
    }
    let identity =
      isLocal
      ? try server?.identity ?? RunningLocalGateway.dataFile(settings.variables) : configuration.identity
    return Opened(client: client, server: server, identity: identity, isLocal: isLocal)
  }

  private func localServer() async throws -> RunningLocalGateway {
    if let bench { return bench.gateway.lent }
    return try await RunningLocalGateway.start(settings)
  }

  private func localConfiguration(_ server: RunningLocalGateway?) -> GatewayClientConfiguration {
    GatewayClientConfiguration(
      // Without a server the answers are a cassette's, and the address is never turned to.
      endpoint: server?.url ?? "http://localhost",
      address: GatewayAddress(projectID: "local", product: .apigw, instanceID: GatewayProfile.localName),
      // A signature holds for minutes of the real time, and a test's goes otherwise.
      credentials: bench == nil
        ? GatewayAuthentication.accessKey(LocalGatewayConfiguration.demoCredential)
        : GatewayAuthentication.token(LocalGatewayConfiguration.demoToken),
      gatewayName: GatewayProfile.localName)
  }

  private func configuration(_ name: String) async throws -> GatewayClientConfiguration {
    let entry = try settings.gateway(named: name)
    let resolution = GatewayResolution(settings: settings, entry: entry)
    if instruments.isReplaying { return try resolution.replayConfiguration() }
    let credential = try await resolution.credential()
    for warning in credential.warnings where !settings.isQuiet {
      StandardStream.error.write("warning: \(warning)\n")
    }
    if settings.isVerbose {
      StandardStream.error.write("gateway \(name): \(credential.title), from \(credential.source)\n")
    }
    return try await resolution.configuration(with: credential)
  }

  private func apply(to configuration: inout GatewayClientConfiguration) {
    configuration.userAgent = "apig-lua/\(ApigLua.version)"
    configuration.transport.requestTimeout = settings.timeout
    configuration.transport.silenceTimeout = settings.timeout
    configuration.concurrency = settings.concurrency
    configuration.rate = settings.rate ?? settings.gateways[configuration.gatewayName]?.rate
    configuration.retries.maximumTries = settings.tries
    configuration.retries.maximumThrottles = 2 * settings.tries
    configuration.joinsWrites = settings.joinsWrites
    if let bench { configuration.time = bench.time.monotonic }
  }
}

extension GatewayClientConfiguration {
  fileprivate var identity: String {
    "\(endpoint)/\(address.projectID)/\(address.product.rawValue)/\(address.instanceID)"
  }
}
