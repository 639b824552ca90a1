internal import GatewayAPI
internal import GatewayClient
internal import Logging

/// Every setting of one invocation, resolved once: flag, variable, project file, user file, built-in.
struct Settings: Sendable {
  var gatewayName: String
  var environment: String?
  var output: OutputFormat
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
  var gateways: [String: GatewayProfile]
  let variables: EnvironmentVariables

  /// - Parameters:
  ///   - options: what the command line says.
  ///   - variables: the process's environment.
  ///   - folder: where the search for `apig.yaml` begins.
  /// - Throws: ``ConfigurationError``, ``UsageError``.
  init(_ options: EngineOptions, variables: EnvironmentVariables, folder: String) throws {
    let files = try ConfigurationFile.load(variables: variables, folder: folder)
    self.variables = variables
    gatewayName =
      options.gateway ?? variables["APIG_GATEWAY"] ?? files.lazy.compactMap(\.defaultGateway).first
      ?? GatewayProfile.localName
    environment = options.env ?? variables["APIG_ENV"]
    output = try options.output ?? Self.choice("APIG_OUTPUT", variables) ?? .table
    color = options.color ?? Self.color(variables)
    isQuiet = options.quiet
    isVerbose = options.verbose > 0
    logFile = options.logFile
    logLevel = try Self.logLevel(options, variables)
    recordFile = options.record
    replayFile = options.replay
    timeout = options.timeout?.duration ?? .seconds(30)
    concurrency = options.concurrency ?? 8
    rate = try options.rate?.rate ?? Self.rate(variables)
    tries = options.retries ?? 5
    joinsWrites = !options.noJoin
    gateways = [:]
    for file in files.reversed() { gateways.merge(file.gateways) { _, nearer in nearer } }
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

  private static func color(_ variables: EnvironmentVariables) -> ColorChoice {
    if variables["NO_COLOR"] != nil { return .never }
    if let force = variables["CLICOLOR_FORCE"], force != "0" { return .always }
    return variables["TERM"] == "dumb" ? .never : .auto
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
