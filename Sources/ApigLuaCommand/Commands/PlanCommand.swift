internal import ArgumentParser
internal import GatewayAPI
internal import GatewayScripting
internal import LuaRuntime
internal import ReleaseEngine

/// `apig-lua plan SCRIPT`: what the script would do.
struct PlanCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan", abstract: "Shows what a script would do; changes nothing.",
    usage: "apig-lua plan [options] SCRIPT [parameters] [--out FILE] [--assume SPEC] [--exit-code]",
    discussion: """
      The script really runs: what it reads is real, what it changes is only worked out.
      Waits, probes and questions are taken for good, unless --assume says otherwise.
      A plan that was saved with --out can be applied once, as long as nothing has moved.
      """)

  @OptionGroup var flags: EngineFlags
  @OptionGroup var script: ScriptOptions
  @OptionGroup var plan: PlanOptions

  func run() async throws {
    try await planning(
      flags.options, script.typed, out: plan.out, tellsDifferences: plan.exitCode, assumed: plan.assume)
  }
}

/// Flags of a plan.
struct PlanOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Saves the plan, for apig-lua apply.", valueName: "file"))
  var out: String?

  @Flag(help: "Exit with 2 when something would change.")
  var exitCode = false

  @Option(
    help: ArgumentHelp(
      "What goes wrong: fail=wave:2, fail=api:NAME, health=fail:3; may be repeated.", valueName: "spec"))
  var assume: [String] = []
}

/// Makes the plan of what the options and words name.
func planning(
  _ options: EngineOptions, _ script: ScriptWords, out: String? = nil, tellsDifferences: Bool = false,
  assumed: [String] = []
) async throws {
  try await reporting(options, isRun: true, takesToken: false) { settings, style in
    var settings = settings
    var (named, words) = try script.scriptAndArguments(help: PlanCommand.helpMessage())
    let request = try PlanRequest(
      file: out, tellsDifferences: tellsDifferences, assumed: assumed, words: &words)
    try settings.takeToken(options, besides: named)
    let isForHelp = asksForHelp(words)
    if !isForHelp { try await settings.narrow(toFailedOf: options.onlyFailedOf) }
    let configuration = SessionConfiguration(
      settings: settings, instruments: isForHelp ? RunInstruments() : try RunInstruments(settings), style: style,
      process: .current, limits: options.limits, isIsolated: options.isolate)
    let source = try await named.resolved(in: configuration.packages)
    let chunk = try source.chunk()
    if isForHelp {
      StandardStream.output.write(try await configuration.help(source, chunk))
      return .ok
    }
    let session = PlanSession(
      configuration: configuration, source: source, chunk: chunk,
      parameters: try ParameterValues(arguments: words, named: namedParameters(script.parameters)), request: request)
    return try await session.run()
  }
}
