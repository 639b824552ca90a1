internal import ArgumentParser

enum OutputFormat: String, ChoiceArgument {
  case table, json, ndjson, yaml, csv, markdown
}

enum ColorChoice: String, ChoiceArgument {
  case auto, always, never
}

enum InterruptChoice: String, ChoiceArgument {
  case keep, rollback
}

/// What the flags of the engine say; ``EngineFlags`` tells what each is about. Made without the parser, for a command
/// line that has none of them.
struct EngineOptions: Sendable {
  var profile: String?
  var tokenStdin = false
  var gateway: String?
  var env: String?
  var output: OutputFormat?
  var report: [String] = []
  var timeout: DurationArgument?
  var concurrency: Int?
  var rate: RateArgument?
  var retries: Int?
  var noJoin = false
  var yes = false
  var noInput = false
  var allow: [String] = []
  var deny: [String] = []
  var trustUnsigned = false
  var locked = false
  var onInterrupt: InterruptChoice?
  var lockTimeout: DurationArgument?
  var only: [String] = []
  var skip: [String] = []
  var onlyFailedOf: String?
  var deadline: DurationArgument?
  var maxMemory: SizeArgument?
  var maxCpu: DurationArgument?
  var maxCalls: Int?
  var isolate = false
  var color: ColorChoice?
  var quiet = false
  var verbose = 0
  var logFile: String?
  var record: String?
  var replay: String?
}
