internal import ArgumentParser
internal import GatewayAPI
internal import GatewayScripting
internal import LuaRuntime
internal import ReleaseEngine

/// `apig-lua SCRIPT`: the command's main job, and what is meant when no command is named.
struct RunCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Runs a script; the word 'run' may be left out.",
    usage: "apig-lua [options] SCRIPT [parameters]")

  @OptionGroup var flags: EngineFlags

  @OptionGroup var script: ScriptOptions

  @Flag(
    name: [.customShort("n"), .customLong("dry-run")],
    help: "Only shows what the script would do: apig-lua plan; in a session: .plan on.")
  var dryRun = false

  @Flag(name: .customShort("i"), help: "Runs the script, then begins a session with what it leaves: apig-lua repl.")
  var isInteractive = false

  func run() async throws {
    let script = script.typed
    if isInteractive || script.namesNothing && StandardStream(descriptor: 0).isTerminal {
      let (source, arguments) =
        script.namesNothing ? (nil, []) : try script.scriptAndArguments(help: Self.helpMessage())
      return try await session(flags.options, script: source, arguments, script.parameters, isDryRun: dryRun)
    }
    if dryRun { return try await planning(flags.options, script) }
    try await running(flags.options, script)
  }
}

/// Runs the script that the words name.
func running(_ options: EngineOptions, _ script: ScriptWords) async throws {
  try await reporting(options, isRun: true, takesToken: false) { settings, style in
    var settings = settings
    let process = ProcessFacts.current
    let (named, arguments) = try script.scriptAndArguments(help: RunCommand.helpMessage())
    try settings.takeToken(options, besides: named)
    try await settings.narrow(toFailedOf: options.onlyFailedOf)
    let given = ParameterValues(arguments: arguments, named: try namedParameters(script.parameters))
    var configuration = SessionConfiguration(
      settings: settings, instruments: RunInstruments(), style: style, process: process, limits: options.limits,
      isIsolated: options.isolate)
    let source = try await named.resolved(in: configuration.packages)
    let chunk = try source.chunk()
    if asksForHelp(arguments) {
      StandardStream.output.write(try await configuration.help(source, chunk))
      return .ok
    }
    let secrets = try await SecretParameters(
      in: given, of: chunk, runner: configuration.describer(of: source, chunk), settings: settings)
    configuration.instruments = try RunInstruments(settings)
    let session = ScriptSession(
      configuration: configuration,
      start: RunStart(
        chunk: chunk, path: source.absolutePath(in: process.folder), entryPoint: source.entryPointName,
        parameters: given, seed: .random(in: .min ... .max), flags: settings.keptFlags(options),
        startedAt: Timestamp.now().text,
        secrets: secrets),
      modules: source.moduleFolder, package: source.package)
    return await session.run()
  }
}
