internal import GatewayAPI
internal import GatewayTransport
internal import Logging

/// What a run is watched with: its log, its cassette, and the trace it belongs to.
struct RunInstruments: Sendable {
  let logger: Logger?
  let trace: TraceContext?
  private let cassette: Cassette.Mode?

  /// None: for what turns to no gateway.
  init() {
    logger = nil
    trace = nil
    cassette = nil
  }

  /// - Throws: ``UsageError`` for files that cannot be used.
  init(_ settings: Settings) throws {
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
        cassette = .replaying(try CassettePlayer(path: file))
      } else if let file = settings.recordFile {
        cassette = .recording(try CassetteRecorder(path: file))
      } else {
        cassette = nil
      }
    } catch {
      throw UsageError(message: error.message, hint: error.hint)
    }
  }

  /// Whether answers come from a cassette: no gateway is turned to, so none is started and no credential needed.
  var isReplaying: Bool {
    if case .replaying? = cassette { true } else { false }
  }

  func configure(_ transport: inout HTTPTransportConfiguration, gateway: String) {
    transport.logger = logger
    transport.traceContext = trace
    transport.cassette = cassette.map { Cassette($0, gateway: gateway) }
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
