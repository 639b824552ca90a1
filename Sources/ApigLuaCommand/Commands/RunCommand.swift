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
    name: [.customShort("n"), .customLong("dry-run")], help: "Only shows what the script would do: apig-lua plan.")
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
    let process = ProcessFacts.current
    var style = Style(.auto, variables: process.variables, stream: .error)
    do {
      var settings = try Settings(options, variables: process.variables, folder: process.folder)
      style = Style(settings.color, variables: process.variables, stream: .error)
      let (source, arguments) = try script.scriptAndArguments(help: Self.helpMessage())
      if options.tokenStdin {
        if case .standardInput = source { throw StandardInputToken.conflict }
        settings.suppliedToken = try StandardInputToken.read()
      }
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
        return StandardStream.output.write(help)
      }
      let session = ScriptSession(
        configuration: configuration,
        start: RunStart(
          chunk: chunk, path: source.absolutePath(in: process.folder),
          parameters: given, seed: .random(in: .min ... .max), flags: settings.keptFlags(options),
          startedAt: Timestamp.now().text,
          secrets: secrets),
        modules: source.moduleFolder)
      let status = await session.run()
      guard status == .ok else { throw status }
    } catch let status as ExitStatus {
      throw status
    } catch {
      StandardStream.error.write(ErrorReport(error: error, style: style).text)
      throw ExitStatus(error: error, changes: RunChanges(), signal: nil)
    }
  }
}
