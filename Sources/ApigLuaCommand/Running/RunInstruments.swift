internal import GatewayAPI
internal import GatewayClient
internal import GatewayTransport
internal import Logging
internal import ReleaseEngine

/// What a run is known and watched by: its name, its log, its cassette, and the trace it belongs to.
struct RunInstruments: Sendable {
  let logger: Logger?
  let trace: TraceContext?
  /// The name of the run: the recorded one's where its requests are replayed.
  let runID: RunID
  private let cassette: Cassette.Mode?

  /// None: for what turns to no gateway.
  init() {
    runID = .new()
    logger = nil
    trace = nil
    cassette = nil
  }

  /// - Parameter run: the name of a run that goes on; nil for a new one.
  /// - Throws: ``UsageError`` for files that cannot be used.
  init(_ settings: Settings, resuming run: String? = nil) throws {
    try settings.reports.forEach { try $0.prepare() }
    let runID = run.flatMap { RunID($0) } ?? RunID.new()
    if let level = settings.logLevel {
      let handler =
        try settings.logFile.map { try RunLogHandler(level: level, file: $0) } ?? RunLogHandler(level: level)
      logger = Logger(label: "apig-lua") { _ in handler }
    } else {
      logger = nil
    }
    let parent = settings.variables["TRACEPARENT"]
    trace = parent.flatMap { TraceContext(parent: $0, state: settings.variables["TRACESTATE"]) }
    if let parent, trace == nil {
      logger?.debug("TRACEPARENT is ignored: no trace parent", metadata: ["value": "\(parent)"])
    }
    do throws(GatewayError) {
      if let file = settings.replayFile {
        let player = try CassettePlayer(path: file)
        cassette = .replaying(player)
        self.runID = player.run.flatMap { RunID($0) } ?? runID
      } else if let file = settings.recordFile {
        cassette = .recording(try CassetteRecorder(path: file, run: runID.description))
        self.runID = runID
      } else {
        cassette = nil
        self.runID = runID
      }
    } catch {
      throw UsageError(message: error.message, hint: error.hint)
    }
  }

  /// Whether answers come from a cassette: no gateway is turned to, so none is started and no credential needed.
  var isReplaying: Bool {
    if case .replaying? = cassette { true } else { false }
  }

  func configure(_ client: inout GatewayClientConfiguration, gateway: String) {
    client.transport.logger = logger
    client.transport.traceContext = trace
    guard let cassette else { return }
    client.transport.cassette = Cassette(cassette, gateway: gateway)
    // What is joined depends on the moment, and a replay must ask what was recorded.
    client.joinsReads = false
    client.joinsWrites = false
  }

  /// What is to be said at the end of the run.
  func remarks(isVerbose: Bool) -> [String] {
    switch cassette {
    case .recording(let recorder)?:
      recorder.finish()
      return recorder.problem.map { ["warning: \($0)"] } ?? []
    case .replaying(let player)?:
      let unused = isVerbose ? player.unused : []
      return unused.isEmpty ? [] : ["recorded and not asked for:"] + unused.map { "  \($0)" }
    case nil: return []
    }
  }
}

extension RunID {
  /// The name of a run that begins now.
  static func new() -> RunID {
    var generator = SystemRandomNumberGenerator()
    return RunID(seconds: Timestamp.now().seconds, using: &generator)
  }
}
