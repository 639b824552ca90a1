internal import ArgumentParser

enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
  case table, json
}

enum ColorChoice: String, ExpressibleByArgument, CaseIterable {
  case auto, always, never
}

/// The flags of the engine: they stand before the script.
struct EngineOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Credentials to use: a profile of config.yaml, KooCLI or the SDKs.", valueName: "name"))
  var profile: String?

  @Flag(help: "Takes a ready token from the first line of standard input.")
  var tokenStdin = false

  @Option(help: ArgumentHelp("Gateway to work on: a name of apig.yaml, or local.", valueName: "name"))
  var gateway: String?

  @Option(help: ArgumentHelp("Default environment, by name.", valueName: "name"))
  var env: String?

  @Option(help: ArgumentHelp("How results are written: table or json.", valueName: "format"))
  var output: OutputFormat?

  @Option(help: ArgumentHelp("Longest wait for one answer: 30s, 2m.", valueName: "duration"))
  var timeout: DurationArgument?

  @Option(help: ArgumentHelp("Longest time for the whole script.", valueName: "duration"))
  var deadline: DurationArgument?

  @Option(help: ArgumentHelp("Most memory for the script: 64MiB.", valueName: "size"))
  var maxMemory: SizeArgument?

  @Option(help: ArgumentHelp("Most time in Lua, waiting not counted: 60s.", valueName: "duration"))
  var maxCpu: DurationArgument?

  @Option(help: ArgumentHelp("Most calls of gateway functions.", valueName: "n"))
  var maxCalls: Int?

  @Flag(help: "Runs the script in a process of its own that can do nothing but ask, and can be killed.")
  var isolate = false

  @Option(help: ArgumentHelp("Colours: auto, always or never.", valueName: "when"))
  var color: ColorChoice?

  @Flag(name: .shortAndLong, help: "Only the result and errors.")
  var quiet = false

  @Flag(name: .shortAndLong, help: "Each request, too.")
  var verbose = false

  func validate() throws {
    if let maxCalls, maxCalls < 0 { throw ValidationError("--max-calls must be 0 or more") }
  }
}
