internal import ArgumentParser
internal import AsyncHTTPClient
internal import GatewayAPI
internal import GatewayClient
internal import GatewayScripting
internal import GatewaySigning
internal import LocalGateway
internal import ReleaseEngine

/// A gateway of one test: a local one in memory with a time of its own, and the journal of the runs on it.
struct TestGateway: Sendable {
  let name: String
  let time: VirtualTime
  /// Where the journal of its runs is kept.
  let folder: String
  let journal: OpenJournal
  /// What the runs are given of it.
  let bench: RunBench
  private let client: GatewayClient

  var url: String { bench.gateway.url }

  private var admin: LocalAdmin { LocalAdmin(url: url, client: .shared) }

  /// Starts one.
  ///
  /// - Parameters:
  ///   - options: of `t.gateway`.
  ///   - folder: a folder of its own; need not exist.
  ///   - permissions: what the command line of the tests allows.
  ///   - coverage: hears which lines the runs on it ran.
  /// - Throws: ``GatewayError`` of kind `usage` for options that make no gateway; ``ConfigurationError``.
  static func start(
    named name: String, _ options: Document, in folder: String, permissions: Permissions, coverage: TestCoverage?
  ) async throws -> TestGateway {
    let time = VirtualTime()
    var configuration = LocalGatewayConfiguration(storage: .memory)
    configuration.now = { time.now() }
    configuration.time = time.monotonic
    configuration.seed = try seed(options, now: time.now())
    if let text = options["propagation"]?.text {
      guard let delay = Duration(text: text) else {
        throw GatewayError(kind: .usage, message: "'propagation' is a duration, not '\(text)'", operation: "t.gateway")
      }
      configuration.propagation = delay
    }
    let gateway = try await RunningLocalGateway.start(configuration, identity: "test \(name) \(folder)")
    do {
      let bench = RunBench(gateway: gateway, time: time, permissions: permissions, coverage: coverage)
      return try TestGateway(name: name, bench: bench, in: folder)
    } catch {
      await gateway.stop()
      throw error
    }
  }

  private init(name: String, bench: RunBench, in folder: String) throws(GatewayError) {
    self.name = name
    time = bench.time
    self.folder = folder
    journal = OpenJournal(Self.variables(folder))
    self.bench = bench
    var configuration = GatewayClientConfiguration(
      endpoint: bench.gateway.url,
      address: GatewayAddress(projectID: "local", product: .apigw, instanceID: GatewayProfile.localName),
      credentials: GatewayAuthentication.token(LocalGatewayConfiguration.demoToken), gatewayName: name)
    configuration.time = time.monotonic
    client = try GatewayClient(configuration: configuration)
  }

  private static func seed(_ options: Document, now: Timestamp) throws(GatewayError) -> Seed? {
    let yaml: String
    if let text = options["seed"]?.stringValue {
      yaml = text
    } else if options.objectValue?.keys.contains(where: { $0 != "propagation" }) ?? false {
      yaml = try TestGatewayContents(options).yaml(now: now)
    } else {
      return nil
    }
    do throws(SeedError) {
      return try Seed(yaml: yaml, file: "seed", now: now)
    } catch {
      throw GatewayError(kind: .usage, message: "\(error)", hint: error.hint, operation: "t.gateway")
    }
  }

  func stop() async {
    await client.shutdown()
    await bench.gateway.stop()
  }

  // MARK: - Settings of runs

  /// What a run on it finds in its environment: nothing of the user's own.
  static func variables(_ folder: String) -> EnvironmentVariables {
    EnvironmentVariables(["HOME": folder, "XDG_STATE_HOME": folder + "/state"])
  }

  /// - Parameter flags: as on the command line.
  /// - Throws: ``GatewayError`` of kind `usage` for flags that are none.
  static func options(_ flags: [String]) throws -> EngineOptions {
    do {
      return try EngineFlags.parse(flags).options
    } catch {
      throw GatewayError(kind: .usage, message: EngineFlags.message(for: error), operation: "t.run")
    }
  }

  /// - Throws: ``UsageError`` for options that cannot be used.
  func settings(_ options: EngineOptions) throws -> Settings {
    var settings = try Settings(options, variables: Self.variables(folder), folder: nil)
    settings.isQuiet = true
    settings.asksNobody = true
    return settings
  }

  // MARK: - What a test does to it

  /// A way for the test itself to change it: no run's, so that runs see someone else's work.
  var hand: ReleaseRun {
    var configuration = ReleaseRun.Configuration()
    configuration.gatewayName = name
    configuration.maximumVersionReads = 0
    configuration.time = time.monotonic
    return ReleaseRun(gateway: client, configuration: configuration, recorder: RunRecorder(now: { time.now() }))
  }

  func fault(_ rule: String) async throws {
    do throws(FaultRuleError) {
      _ = try FaultRule(rule)
    } catch {
      throw GatewayError(kind: .usage, message: "\(error.message): \(rule)", hint: error.hint, operation: "fault")
    }
    _ = try await admin.ask(.post, "faults", ["rules": [.string(rule)]])
  }

  func clearFaults() async throws { _ = try await admin.ask(.delete, "faults") }

  func requests(_ operation: String?) async throws -> Document {
    let filter = operation.map { "&operation=\($0)" } ?? ""
    return try await admin.ask(.get, "requests?limit=10000\(filter)")["requests"] ?? []
  }

  /// Everything that it holds.
  func contents() async throws -> GatewayContents { GatewayContents(try await admin.ask(.get, "state")) }

  /// The address of a published API of that path; one is added where there is none, so that there is something to probe.
  ///
  /// - Parameter answer: what it answers with.
  func address(of path: String, answer: String?) async throws -> String {
    guard path.hasPrefix("/") else {
      throw GatewayError(kind: .usage, message: "'\(path)' is no path", hint: "it begins with /", operation: "url")
    }
    let group = "probes"
    if answer == nil, let known = try await contents().group(servingPath: path) {
      return "\(url)/_call/\(known)\(path)"
    }
    let groupID = try await groupID(named: group)
    let name = "probe" + path.map { $0.isLetter || $0.isNumber ? String($0) : "_" }.joined()
    var create = CreateAPI()
    create.definition = [
      "name": .string(name), "group_id": .string(groupID), "type": 1, "version": "V0.0.1", "req_protocol": "HTTPS",
      "req_method": "GET", "req_uri": .string(path), "auth_type": "NONE", "backend_type": "MOCK",
      "mock_info": ["result_content": .string(answer ?? "{\"status\":\"ok\"}"), "version": "V0.0.1"],
    ]
    guard let id = try await client.perform(create).document["id"]?.stringValue else { return url }
    for environment in try await client.all(ListEnvironments()).items {
      guard let environmentID = environment.id else { continue }
      _ = try await client.perform(Publish(apiID: id, environmentID: environmentID))
    }
    return "\(url)/_call/\(group)\(path)"
  }

  private func groupID(named name: String) async throws -> String {
    var list = ListGroups()
    list.name = name
    if let known = try await client.all(list).items.first(where: { $0.name == name })?.id { return known }
    var create = CreateGroup()
    create.name = name
    return try await client.perform(create).id ?? ""
  }
}

extension Document {
  /// A text, or a number as one is typed.
  var text: String? {
    switch self {
    case .string(let text): text
    case .integer(let number): String(number)
    case .number(let number): String(number)
    default: nil
    }
  }
}
