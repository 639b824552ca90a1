internal import ArgumentParser

/// The flags of the engine: they stand before the script.
struct EngineFlags: ParsableArguments {
  @Option(
    help: ArgumentHelp("Credentials to use: a profile of config.yaml, KooCLI or the SDKs.", valueName: "name"),
    completion: LiveCompletion.profiles)
  var profile: String?

  @Flag(help: "Takes a ready token from the first line of standard input.")
  var tokenStdin = false

  @Option(
    help: ArgumentHelp("Gateway to work on: a name of apig.yaml, or local.", valueName: "name"),
    completion: LiveCompletion.gateways)
  var gateway: String?

  @Option(
    help: ArgumentHelp("Default environment, by name.", valueName: "name"), completion: LiveCompletion.environments)
  var env: String?

  @Option(
    help: ArgumentHelp("How results are written: table, json, ndjson, yaml, csv or markdown.", valueName: "format"))
  var output: OutputFormat?

  @Option(
    help: ArgumentHelp(
      "Writes how the run ended into a file, too: junit=FILE, markdown=FILE, or github=FILE (annotations, and a "
        + "summary; the job's without a file). May be repeated.", valueName: "kind=file"))
  var report: [String] = []

  @Option(help: ArgumentHelp("Longest wait for one answer: 30s, 2m.", valueName: "duration"))
  var timeout: DurationArgument?

  @Option(help: ArgumentHelp("Most requests in flight at once; 8 unless given.", valueName: "n"))
  var concurrency: Int?

  @Option(help: ArgumentHelp("Fastest sending: 5/s, 300/min; unless given, what the gateway says.", valueName: "rate"))
  var rate: RateArgument?

  @Option(help: ArgumentHelp("Most tries for one request; 5 unless given.", valueName: "n"))
  var retries: Int?

  @Flag(help: "Concurrent publishes of one environment go out one by one, not as batches.")
  var noJoin = false

  @Flag(name: .shortAndLong, help: "Answers yes/no questions with yes; never the ones that want a name typed.")
  var yes = false

  @Flag(help: "Asks nobody: what would ask is refused.")
  var noInput = false

  @Option(help: ArgumentHelp("Lets the script do it: http:https://HOST. May be repeated.", valueName: "permission"))
  var allow: [String] = []

  @Option(help: ArgumentHelp("Keeps the script from it: publish:ENV. May be repeated.", valueName: "permission"))
  var deny: [String] = []

  @Flag(help: "Runs packages that nobody known has signed in this process, not in processes of their own.")
  var trustUnsigned = false

  @Flag(
    help: "Takes apig.lock as it is: all that it has must be installed and whole; nothing is fetched, nothing granted.")
  var locked = false

  @Option(
    help: ArgumentHelp(
      "What Ctrl-C does with changes where nobody can be asked: keep or rollback.", valueName: "choice"))
  var onInterrupt: InterruptChoice?

  @Option(help: ArgumentHelp("How long to wait for someone else who holds the environment.", valueName: "duration"))
  var lockTimeout: DurationArgument?

  @Option(help: ArgumentHelp("Only APIs whose names have this form, of all that a script selects.", valueName: "glob"))
  var only: [String] = []

  @Option(help: ArgumentHelp("No APIs whose names have this form.", valueName: "glob"))
  var skip: [String] = []

  @Option(
    help: ArgumentHelp("Only APIs that another run did not leave changed: failed or undone.", valueName: "run"),
    completion: LiveCompletion.runs)
  var onlyFailedOf: String?

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

  @Flag(name: .shortAndLong, help: "Each request, too; twice (-vv): with its headers and body, secrets masked.")
  var verbose: Int

  @Option(help: ArgumentHelp("Where the log goes instead of standard error.", valueName: "file"))
  var logFile: String?

  @Option(help: ArgumentHelp("Records every request and its answer in a new file.", valueName: "file"))
  var record: String?

  @Option(help: ArgumentHelp("Answers every request from such a file; no gateway is needed.", valueName: "file"))
  var replay: String?

  func validate() throws {
    if record != nil, replay != nil { throw ValidationError("--record and --replay exclude each other") }
    if let maxCalls, maxCalls < 0 { throw ValidationError("--max-calls must be 0 or more") }
    if let concurrency, concurrency < 1 { throw ValidationError("--concurrency must be 1 or more") }
    if let retries, retries < 1 { throw ValidationError("--retries must be 1 or more") }
  }
}

extension EngineFlags {
  /// What they say.
  var options: EngineOptions {
    var options = EngineOptions()
    options.profile = profile
    options.tokenStdin = tokenStdin
    options.gateway = gateway
    options.env = env
    options.output = output
    options.report = report
    options.timeout = timeout
    options.concurrency = concurrency
    options.rate = rate
    options.retries = retries
    options.noJoin = noJoin
    options.yes = yes
    options.noInput = noInput
    options.allow = allow
    options.deny = deny
    options.trustUnsigned = trustUnsigned
    options.locked = locked
    options.onInterrupt = onInterrupt
    options.lockTimeout = lockTimeout
    options.only = only
    options.skip = skip
    options.onlyFailedOf = onlyFailedOf
    options.deadline = deadline
    options.maxMemory = maxMemory
    options.maxCpu = maxCpu
    options.maxCalls = maxCalls
    options.isolate = isolate
    options.color = color
    options.quiet = quiet
    options.verbose = verbose
    options.logFile = logFile
    options.record = record
    options.replay = replay
    return options
  }
}
