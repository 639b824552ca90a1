internal import GatewayAPI
internal import GatewayClient
internal import GatewayCredentials
internal import GatewayScripting
internal import GatewayTransport
internal import Logging
internal import PlaybookPackages

/// Every setting of one invocation, resolved once: flag, variable, project file, user file, built-in.
struct Settings: Sendable {
  var gatewayName: String
  var environment: String?
  var output: OutputFormat
  /// What else is written at the end of a run.
  var reports: [ReportFile<RunReportKind>]
  var color: ColorChoice
  var isQuiet: Bool
  var isVerbose: Bool
  /// What the log holds; nil for no log.
  var logLevel: Logger.Level?
  /// Where the log goes; nil for standard error.
  var logFile: String?
  /// The cassette to write; nil for none.
  var recordFile: String?
  /// The cassette to answer from; nil for none.
  var replayFile: String?
  /// Longest wait for one answer.
  var timeout: Duration
  /// The most requests in flight at once.
  var concurrency: Int
  /// Fastest sending, over what a gateway's entry says; nil to leave it at that.
  var rate: RequestRate?
  /// The most tries for one request.
  var tries: Int
  /// Whether concurrent publishes go out as batches.
  var joinsWrites: Bool
  /// Whether yes/no questions are answered with yes.
  var saysYes: Bool
  /// Whether nobody is asked anything.
  var asksNobody: Bool
  /// What scripts may do without being asked, and what never.
  var permissions: Permissions
  /// What the organisation allows at most.
  var policy: OrganisationPolicy
  /// Whether packages that nobody known has signed run in this process.
  var trustsUnsigned: Bool
  /// Whether the project's lock decides alone, and stays as it is.
  let takesLockAsItIs: Bool
  /// What becomes of a run that is interrupted where nobody can be asked.
  var onInterrupt: InterruptChoice
  /// What is left of every selection that a script makes.
  var narrowing = Narrowing()
  /// How long to wait for someone else who holds an environment.
  var lockTimeout: Duration
  var gateways: [String: GatewayProfile]
  /// The credentials of the user's own file, by name.
  var credentialProfiles: [String: CredentialProfile]
  /// The name of the credentials that flag or variable ask for, and which of them does.
  var profile: (name: String, origin: String)?
  /// The token of `--token-stdin`.
  var suppliedToken: Secret?
  /// Where `apig.yaml` lies, else the working folder: what paths of permissions begin at.
  let project: String
  /// Paths of the configuration files in force, the nearest first.
  let configurationFiles: [String]
  /// Every setting as it is in force, for a report.
  let effective: [EffectiveSetting]
  let variables: EnvironmentVariables

  /// - Parameters:
  ///   - options: what the command line says.
  ///   - variables: the process's environment.
  ///   - folder: where the search for `apig.yaml` begins; nil for no files at all.
  /// - Throws: ``ConfigurationError``, ``UsageError``.
  init(_ options: EngineOptions, variables: EnvironmentVariables, folder: String?) throws {
    let files = try folder.map { try ConfigurationFile.load(variables: variables, folder: $0) } ?? []
    self.variables = variables
    configurationFiles = files.map(\.path)
    project = folder.map { ConfigurationFile.projectFolder(from: $0) } ?? ProcessFacts.current.folder
    var found = SettingSearch()
    gatewayName =
      found.first(
        "gateway",
        [(options.gateway, "--gateway"), (variables["APIG_GATEWAY"], "APIG_GATEWAY")]
          + files.map { ($0.defaultGateway, $0.defaultGatewayPlace ?? $0.path) })
      ?? found.builtIn(
        "gateway", GatewayProfile.localName)
    profile = found.origin(
      "profile",
      [
        (options.profile, "--profile"), (variables["APIG_PROFILE"], "APIG_PROFILE"),
        (variables["HW_PROFILE"], "HW_PROFILE"),
      ])
    environment = found.first("env", [(options.env, "--env"), (variables["APIG_ENV"], "APIG_ENV")])
    let outputVariable: OutputFormat? = try Self.choice("APIG_OUTPUT", variables)
    output =
      found.first("output", [(options.output, "--output"), (outputVariable, "APIG_OUTPUT")])
      ?? found.builtIn("output", .table)
    color =
      found.first("color", [(options.color, "--color")] + Self.colorVariables(variables))
      ?? found.builtIn("color", .auto)
    timeout =
      found.first("timeout", [(options.timeout?.duration, "--timeout")]) ?? found.builtIn("timeout", .seconds(30))
    reports = try options.report.map { try ReportFile($0, variables: variables) }
    guard Set(reports.map(\.path)).count == reports.count else {
      throw UsageError(message: "two reports have one file", hint: "give each --report a file of its own")
    }
    isQuiet = options.quiet
    isVerbose = options.verbose > 0
    logFile = options.logFile
    logLevel = try Self.logLevel(options, variables)
    recordFile = options.record
    replayFile = options.replay
    concurrency =
      found.first("concurrency", [(options.concurrency, "--concurrency")]) ?? found.builtIn("concurrency", 8)
    let rateVariable = try Self.rate(variables)
    rate = found.first("rate", [(options.rate?.rate, "--rate"), (rateVariable, "APIG_RATE")])
    tries = found.first("retries", [(options.retries, "--retries")]) ?? found.builtIn("retries", 5)
    joinsWrites = !options.noJoin
    narrowing.only = options.only
    narrowing.skip = options.skip
    saysYes = options.yes || variables.isSet("APIG_YES")
    asksNobody = options.noInput || variables.isSet("APIG_NO_INPUT")
    permissions = Permissions(
      allowed: try found.permissions("allow", options.allow, files.flatMap(\.allowed)),
      denied: try found.permissions("deny", options.deny, files.flatMap(\.denied))
    ).located(in: project)
    policy = try PolicyFiles.load(variables)
    permissions.kinds = policy.operations
    trustsUnsigned = options.trustUnsigned
    takesLockAsItIs = options.locked
    onInterrupt =
      found.first("on interrupt", [(options.onInterrupt, "--on-interrupt")]) ?? found.builtIn("on interrupt", .keep)
    lockTimeout =
      found.first("lock timeout", [(options.lockTimeout?.duration, "--lock-timeout")])
      ?? found.builtIn("lock timeout", .zero)
    found.first("certificate authorities", [(variables["SSL_CERT_FILE"], "SSL_CERT_FILE")])
    credentialProfiles = [:]
    for file in files.reversed() { credentialProfiles.merge(file.profiles) { _, nearer in nearer } }
    gateways = [:]
    for file in files.reversed() { gateways.merge(file.gateways) { _, nearer in nearer } }
    for environment in gateways[gatewayName]?.environments ?? [] {
      found.first("env \(environment.name)", [(environment.summary as String?, environment.place)])
    }
    effective = found.effective
  }

  /// How results are written, whatever else is wrong.
  ///
  /// - Throws: ``UsageError`` for a variable that says something else.
  static func output(_ options: EngineOptions, _ variables: EnvironmentVariables) throws -> OutputFormat {
    let variable: OutputFormat? = try choice("APIG_OUTPUT", variables)
    return options.output ?? variable ?? .table
  }

  private static func choice<Value: RawRepresentable & CaseIterable>(
    _ variable: String, _ variables: EnvironmentVariables
  ) throws -> Value? where Value.RawValue == String {
    guard let text = variables[variable] else { return nil }
    guard let value = Value(rawValue: text) else {
      throw UsageError(
        message: "\(variable) cannot be '\(text)'",
        hint: "it is one of \(Value.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    return value
  }

  private static func rate(_ variables: EnvironmentVariables) throws -> RequestRate? {
    guard let text = variables["APIG_RATE"] else { return nil }
    guard let rate = RequestRate(text) else {
      throw UsageError(message: "APIG_RATE cannot be '\(text)'", hint: "write it as 5/s or 300/min")
    }
    return rate
  }

  /// The most that a flag or `APIG_LOG` asks for; a log file alone asks for `debug`.
  private static func logLevel(
    _ options: EngineOptions, _ variables: EnvironmentVariables
  ) throws -> Logger.Level? {
    let flags: Logger.Level? =
      options.verbose > 1 ? .trace : options.verbose > 0 || options.logFile != nil ? .debug : nil
    let variable: LogLevelChoice? = try choice("APIG_LOG", variables)
    return [flags, variable?.level].compactMap(\.self).min()
  }

  private static func colorVariables(_ variables: EnvironmentVariables) -> [(ColorChoice?, String)] {
    let force = variables["CLICOLOR_FORCE"]
    return [
      (variables["NO_COLOR"] == nil ? nil : .never, "NO_COLOR"),
      (force == nil || force == "0" ? nil : .always, "CLICOLOR_FORCE"),
      (variables["TERM"] == "dumb" ? .never : nil, "TERM"),
    ]
  }

  /// How servers are connected to.
  ///
  /// - Throws: ``ConfigurationError`` for a proxy that is no URL.
  func transport() throws -> HTTPTransportConfiguration {
    var transport = HTTPTransportConfiguration()
    transport.requestTimeout = timeout
    transport.silenceTimeout = timeout
    transport.trustRootsFile = variables["SSL_CERT_FILE"]
    transport.trustRootsFolders = variables["SSL_CERT_DIR"]?.split(separator: ":").map(String.init) ?? []
    do {
      transport.proxies = try ProxySettings { variables[$0] }
    } catch {
      throw ConfigurationError(message: error.message, hint: error.hint)
    }
    return transport
  }
}

/// The process's environment; an empty variable counts as not set.
struct EnvironmentVariables: Sendable {
  private let values: [String: String]

  init(_ values: [String: String]) { self.values = values }

  subscript(_ name: String) -> String? {
    guard let value = values[name], !value.isEmpty else { return nil }
    return value
  }

  /// What the variables of `apig.secret` begin with.
  static let secretPrefix = "APIG_SECRET_"

  /// Whether a variable holds what only this program and servers are to know.
  static func isCredential(_ name: String) -> Bool {
    name.hasPrefix(secretPrefix) || EnvironmentCredentials.variables.contains(name)
  }

  /// Whether a switch is on: `1`, `true` or `yes`.
  func isSet(_ name: String) -> Bool { ["1", "true", "yes"].contains(self[name]?.lowercased()) }

  /// A folder of the XDG base directory specification: `data`, `config`.
  ///
  /// - Throws: ``ConfigurationError`` when neither the variable nor HOME is set.
  func folder(_ variable: String, default path: String) throws -> String {
    if let folder = self[variable], folder.hasPrefix("/") { return folder + "/apig-lua" }
    guard let home = self["HOME"] else {
      throw ConfigurationError(message: "neither \(variable) nor HOME is set", hint: "set HOME")
    }
    return "\(home)/\(path)/apig-lua"
  }
}

/// What `APIG_LOG` can be.
private enum LogLevelChoice: String, CaseIterable {
  case debug, trace

  var level: Logger.Level {
    switch self {
    case .debug: .debug
    case .trace: .trace
    }
  }
}
