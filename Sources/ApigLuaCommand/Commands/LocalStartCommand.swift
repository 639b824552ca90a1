internal import GatewayAPI
internal import ArgumentParser
internal import Glibc
internal import LocalGateway

enum AuthenticationChoice: String, ChoiceArgument {
  case required, none
}

enum OfflineHistoryChoice: String, ChoiceArgument {
  case keep, drop
}

enum OfflineSwitchChoice: String, ChoiceArgument {
  case publish, refuse
}

/// `apig-lua local start`: serves in the foreground until a signal.
struct LocalStartCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "start", abstract: "Runs the local gateway in the foreground.",
    discussion: """
      The first line on standard output is its URL. Its demo takes the access key 'local' with the
      secret 'local-secret', or the token 'local-token', for any project and instance; the
      temporary key 'local-temporary' with the secret 'local-temporary-secret' and the security
      token 'local-security-token'; and, at /v3/auth/tokens, the user 'local' with the password 'local'.
      """)

  @Option(help: ArgumentHelp("Port to listen on; 0 for any free one.", valueName: "n"))
  var port = 0

  @Option(help: ArgumentHelp("Address to listen on.", valueName: "address"))
  var host = "127.0.0.1"

  @Option(help: ArgumentHelp("Data file, or :memory:.", valueName: "file"))
  var data: String?

  @Flag(help: "A new data file gets no demo project, only its environments.")
  var noDemo = false

  @Option(help: ArgumentHelp("YAML file that fills a new data file instead of the demo project.", valueName: "file"))
  var seed: String?

  @Flag(help: "Only the instance 'local' exists.")
  var strictIds = false

  @Option(help: "Whether signatures and tokens are verified: required or none.")
  var auth = AuthenticationChoice.required

  @Option(help: "What taking offline does to the versions: keep or drop.")
  var historyAfterOffline = OfflineHistoryChoice.keep

  @Option(help: "What a switch does to an API that is offline: publish or refuse.")
  var switchWhenOffline = OfflineSwitchChoice.publish

  @Option(help: ArgumentHelp("A fault for this run, as 'local fault' takes it; may be repeated.", valueName: "rule"))
  var fault: [String] = []

  @Option(help: ArgumentHelp("How much later calls see a publication: 5s; at most 1h.", valueName: "duration"))
  var propagation: DelayArgument?

  @Option(help: ArgumentHelp("How long tokens and temporary keys live; from 1s.", valueName: "duration"))
  var tokenLifetime: DurationArgument?

  @Flag(
    inversion: .prefixedNo,
    help: "Serves /_local/: request log, state, clock, faults. By default only on a loopback address.")
  var admin: Bool?

  func validate() throws {
    guard (0...65_535).contains(port) else { throw ValidationError("--port must be from 0 to 65535") }
    for text in fault {
      do { _ = try FaultRule(text) } catch { throw ValidationError("--fault: \(error)") }
    }
    if let tokenLifetime, tokenLifetime.duration < .seconds(1) {
      throw ValidationError("--token-lifetime must be 1s or more")
    }
  }

  func run() async throws {
    try await onLocalGateway { variables, _ in
      var configuration = LocalGatewayConfiguration(storage: try storage(variables))
      configuration.host = host
      configuration.port = port
      configuration.hasDemo = !noDemo
      configuration.seed = try seed.map(SeedFile.read)
      configuration.hasStrictIDs = strictIds
      configuration.authentication = auth == .none ? .none : .required
      configuration.rules.keepsHistoryAfterOffline = historyAfterOffline == .keep
      configuration.rules.switchPublishesWhenOffline = switchWhenOffline == .publish
      configuration.faults = try fault.map(FaultRule.init(_:))
      configuration.propagation = propagation?.duration ?? .zero
      if let tokenLifetime { configuration.tokenLifetime = tokenLifetime.duration }
      configuration.hasAdmin = admin
      if !["127.0.0.1", "::1", "localhost"].contains(host) {
        StandardStream.error.write("warning: it listens on \(host), where others can reach it\n")
      }
      try await serve(configuration, variables)
    }
  }

  private func storage(_ variables: EnvironmentVariables) throws -> LocalGatewayConfiguration.Storage {
    if data == ":memory:" { return .memory }
    return .file(try data ?? RunningLocalGateway.dataFile(variables))
  }

  /// A signal is how it is told to end: that is a success.
  private func serve(_ configuration: LocalGatewayConfiguration, _ variables: EnvironmentVariables) async throws {
    let server = Task {
      try await LocalGateway(configuration: configuration).run { url in
        let record = LocalGatewayRecord(url: LocalGatewayRecord.reachable(url), pid: getpid())
        do { try record.leave(variables) } catch {
          StandardStream.error.write("warning: other commands will not find it: \(error)\n")
        }
        StandardStream.output.write("listening on \(url)\n")
      }
    }
    defer { LocalGatewayRecord.removeOwn(variables) }
    let signals = SignalWatch { server.cancel() }
    defer { signals.stop() }
    try await server.value
  }
}
