internal import GatewayAPI
internal import GatewayCredentials
internal import GatewayTransport

/// Every setting of one invocation, resolved once: flag, variable, project file, user file, built-in.
struct Settings: Sendable {
  var gatewayName: String
  var environment: String?
  var output: OutputFormat
  var color: ColorChoice
  var isQuiet: Bool
  var isVerbose: Bool
  /// Longest wait for one answer.
  var timeout: Duration
  var gateways: [String: GatewayProfile]
  /// The credentials of the user's own file, by name.
  var credentialProfiles: [String: CredentialProfile]
  /// The name of the credentials that flag or variable ask for, and which of them does.
  var profile: (name: String, origin: String)?
  /// The token of `--token-stdin`.
  var suppliedToken: Secret?
  /// Paths of the configuration files in force, the nearest first.
  let configurationFiles: [String]
  /// Every setting as it is in force, for a report.
  let effective: [EffectiveSetting]
  let variables: EnvironmentVariables

  /// - Parameters:
  ///   - options: what the command line says.
  ///   - variables: the process's environment.
  ///   - folder: where the search for `apig.yaml` begins.
  /// - Throws: ``ConfigurationError``, ``UsageError``.
  init(_ options: EngineOptions, variables: EnvironmentVariables, folder: String) throws {
    let files = try ConfigurationFile.load(variables: variables, folder: folder)
    self.variables = variables
    configurationFiles = files.map(\.path)
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
    isQuiet = options.quiet
    isVerbose = options.verbose
    found.first("certificate authorities", [(variables["SSL_CERT_FILE"], "SSL_CERT_FILE")])
    effective = found.effective
    credentialProfiles = [:]
    for file in files.reversed() { credentialProfiles.merge(file.profiles) { _, nearer in nearer } }
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

  private static func colorVariables(_ variables: EnvironmentVariables) -> [(ColorChoice?, String)] {
    let force = variables["CLICOLOR_FORCE"]
    return [
      (variables["NO_COLOR"] == nil ? nil : .never, "NO_COLOR"),
      (force == nil || force == "0" ? nil : .always, "CLICOLOR_FORCE"),
      (variables["TERM"] == "dumb" ? .never : nil, "TERM"),
    ]
  }

  /// How servers are connected to.
  var transport: HTTPTransportConfiguration {
    var transport = HTTPTransportConfiguration()
    transport.requestTimeout = timeout
    transport.trustRootsFile = variables["SSL_CERT_FILE"]
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
