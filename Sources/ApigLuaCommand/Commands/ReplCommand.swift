internal import ArgumentParser
internal import GatewayScripting
internal import LuaRuntime
internal import ReleaseEngine

/// `apig-lua repl`: a session at the terminal.
struct ReplCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "repl", abstract: "Begins a session at the terminal; runs a script first, if one is named.",
    usage: "apig-lua [options] repl [SCRIPT] [parameters]")

  @OptionGroup var flags: EngineFlags

  @Flag(name: [.customShort("n"), .customLong("dry-run")], help: "Inputs only show what they would do: .plan on.")
  var dryRun = false

  @Option(
    name: [.customShort("p"), .customLong("param")],
    help: ArgumentHelp("A parameter of the script; may be repeated.", valueName: "name=value"))
  var parameters: [String] = []

  @Argument(
    parsing: .captureForPassthrough, help: ArgumentHelp("The script and its parameters.", valueName: "script"))
  var words: [String] = []

  func run() async throws {
    let words = words.first == "--" ? Array(words.dropFirst()) : words
    try await session(
      flags.options, script: words.first.map(ScriptSource.file), words.dropFirst(), parameters, isDryRun: dryRun)
  }
}

/// Holds a session, and reports why it cannot begin.
///
/// - Parameter isDryRun: whether it begins with inputs that only show what they would do.
func session(
  _ options: EngineOptions, script: ScriptSource?, _ arguments: some Collection<String>, _ parameters: [String],
  isDryRun: Bool = false
) async throws {
  try await reporting(options, isRun: true, takesToken: false) { settings, style in
    var settings = settings
    guard Prompt.isPossible else {
      throw UsageError(
        message: "a session needs a terminal, and standard input and error are none",
        hint: "apig-lua SCRIPT runs a script, apig-lua - the one on standard input")
    }
    if options.isolate {
      throw UsageError(message: "a session is not isolated", hint: "leave out --isolate, or run a script with it")
    }
    if options.tokenStdin { throw StandardInputToken.conflict }
    settings.output = .table
    try await settings.narrow(toFailedOf: options.onlyFailedOf)
    let chunk = try script?.chunk()
    let given = ParameterValues(arguments: Array(arguments), named: try namedParameters(parameters))
    let engine = try await SessionEngine(
      settings: settings, style: style, process: ProcessFacts.current, limits: options.limits, script: script,
      parameters: given)
    let session = try TerminalSession(engine: engine)
    await session.run(script: chunk, arguments: given.arguments, isPlanning: isDryRun)
    await engine.close()
    return .ok
  }
}
