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

  @OptionGroup var options: EngineOptions

  @OptionGroup var script: ScriptOptions

  @Flag(
    name: [.customShort("n"), .customLong("dry-run")],
    help: "Only shows what the script would do: apig-lua plan; in a session: .plan on.")
  var dryRun = false

  @Flag(name: .customShort("i"), help: "Runs the script, then begins a session with what it leaves: apig-lua repl.")
  var isInteractive = false

  func run() async throws {
    if isInteractive || script.namesNothing && StandardStream(descriptor: 0).isTerminal {
      let (source, arguments) =
        script.namesNothing ? (nil, []) : try script.scriptAndArguments(help: Self.helpMessage())
      return try await session(options, script: source, arguments, script.parameters, isDryRun: dryRun)
    }
    if dryRun { return try await planning(options, script) }
    try await reporting(options, isRun: true, takesToken: false) { settings, style in
      var settings = settings
      let process = ProcessFacts.current
      let (source, arguments) = try script.scriptAndArguments(help: Self.helpMessage())
      try settings.takeToken(options, besides: source)
      try await settings.narrow(toFailedOf: options.onlyFailedOf)
      let chunk = try source.chunk()
      let given = ParameterValues(arguments: arguments, named: try namedParameters(script.parameters))
      let describer = ScriptRunner(
        limits: options.limits, isIsolated: options.isolate,
        moduleSource: PlanSources(chunks: LoadedChunks(chunk), folder: source.moduleFolder).moduleSource)
      let secrets =
        asksForHelp(arguments)
        ? SecretParameters()
        : try await SecretParameters(in: given, of: chunk, runner: describer, settings: settings)
      let configuration = SessionConfiguration(
        settings: settings, instruments: asksForHelp(arguments) ? RunInstruments() : try RunInstruments(settings),
        style: style, process: process, limits: options.limits, isIsolated: options.isolate)
      if asksForHelp(arguments) {
        let help = try await configuration.help(script: source.name, chunk, modules: source.moduleFolder)
        StandardStream.output.write(help)
        return .ok
      }
      let session = ScriptSession(
        configuration: configuration,
        start: RunStart(
          chunk: chunk, path: source.absolutePath(in: process.folder),
          parameters: given, seed: .random(in: .min ... .max), flags: settings.keptFlags(options),
          startedAt: Timestamp.now().text,
          secrets: secrets),
        modules: source.moduleFolder)
      return await session.run()
    }
  }
}
