internal import GatewayAPI
internal import GatewayClient
internal import GatewayScripting
internal import LuaRuntime
internal import ReleaseEngine
internal import Synchronization

/// Writes what a run says while it goes on, and keeps what belongs into the result document.
///
/// The result goes to standard output, everything else to standard error.
final class RunReporter: ScriptOutput {
  let style: Style
  private let settings: Settings
  private let header: String
  private let tellsChanges: Bool
  private let manner: ProgressManner
  private let tellsEvents: Bool
  private let events = Mutex(())
  private let state: Mutex<State>

  private struct State {
    var progress: RunProgress
    /// When something was written last.
    var spoke: ContinuousClock.Instant
    var hasHeader = false
    var ticker: Ticker?
    var isAskingForStatistics = false
    /// The limit that was told last.
    var toldLimit: RequestRate?
    /// What `print` and `report` wrote, for the result document.
    var output: [Document] = []
    /// How many tables the script wrote.
    var tables = 0
    var origins = ChangeOrigins()
  }

  /// - Parameters:
  ///   - header: the line above the first progress: gateway, script and run; empty for none.
  ///   - showsProgress: false for a script that is only tried: nothing of it goes on.
  ///   - tellsChanges: whether changes that are over get lines that stay.
  init(
    settings: Settings, style: Style, header: String, showsProgress: Bool = true, tellsChanges: Bool = true
  ) {
    self.settings = settings
    self.style = style
    self.header = header
    self.tellsChanges = tellsChanges
    tellsEvents = showsProgress
    manner = showsProgress ? ProgressManner(settings) : .quiet
    let now = ContinuousClock.now
    state = Mutex(State(progress: RunProgress(manner: manner, style: style, at: now), spoke: now))
  }

  /// From now on what goes on is shown, until ``end(isGood:)``.
  ///
  /// - Parameter statistics: what the clients did so far.
  func begin(statistics: @escaping @Sendable () async -> ClientStatistics) {
    guard manner != .quiet else { return }
    if manner == .live { LiveRegion.open(style: style, columns: settings.variables["COLUMNS"]) }
    let ticker = Ticker(everyMilliseconds: manner == .live ? 100 : 1000) { [weak self] in
      self?.tick(statistics)
    }
    state.withLock { $0.ticker = ticker }
  }

  /// What stays of it is written, what changes taken off the screen.
  func end(isGood: Bool) {
    let lines = state.withLock { state in
      state.ticker?.stop()
      state.ticker = nil
      return state.progress.end(isGood: isGood, at: .now)
    }
    LiveRegion.close()
    for line in lines { write(line) }
  }

  /// The wave in which the run failed: "2/4".
  var failedWave: String? { state.withLock { $0.progress.failedWave } }

  /// What an earlier process of the run had done: "2 before, 1 settled".
  var history: String? { state.withLock { $0.progress.history.text } }

  /// The last line, for who reads the log of a build server.
  func conclude(_ line: String) {
    if manner == .log { write(line) }
  }

  private func tick(_ statistics: @escaping @Sendable () async -> ClientStatistics) {
    let now = ContinuousClock.now
    let (lines, heartbeat, asks) = state.withLock { state in
      // A tick may come after the end.
      guard state.ticker != nil else { return ([RegionLine](), String?.none, false) }
      let asks = !state.isAskingForStatistics
      state.isAskingForStatistics = true
      guard manner != .live else { return (state.progress.lines(at: now), nil, asks) }
      // A script that only computes and reads has told of nothing, and of nothing is to be told more.
      guard state.hasHeader, now - state.spoke >= .seconds(10) else { return ([], nil, asks) }
      return ([], state.progress.heartbeat(at: now), asks)
    }
    if manner == .live { LiveRegion.show(lines) }
    if let heartbeat { write(heartbeat) }
    guard asks else { return }
    Task {
      let statistics = await statistics()
      state.withLock { state in
        state.progress.statistics = statistics
        state.isAskingForStatistics = false
      }
    }
  }

  /// Where in the script, and in which wave, each API was changed.
  var origins: ChangeOrigins { state.withLock(\.origins) }

  /// Whether the script wrote tables, which are its result then.
  var hasTables: Bool { state.withLock { $0.tables > 0 } }

  /// What the script wrote, for the result document.
  var output: [Document] { state.withLock { $0.output } }

  // MARK: - Script output

  func print(_ text: LuaString) {
    switch settings.output {
    case .table: StandardStream.output.write(text.bytes)
    case .csv, .markdown: StandardStream.error.write(text.bytes)
    case .json, .yaml, .ndjson:
      let line = text.description
      keep(.string(line.hasSuffix("\n") ? String(line.dropLast()) : line))
      if settings.output != .ndjson { StandardStream.error.write(text.bytes) }
    }
  }

  func log(_ level: ScriptLogLevel, _ message: String) {
    emit(EventDocument("log", ["level": .string(level.rawValue), "message": .string(message)]))
    if level == .debug, !settings.isVerbose { return }
    if level == .info, settings.isQuiet { return }
    let word: String? =
      switch level {
      case .debug: style.text("debug: ", .faint)
      case .info: nil
      case .warn: style.text("warning: ", .waiting)
      case .error: style.text("error: ", .failed)
      }
    write((word ?? "") + message.withoutControlCharacters)
  }

  func report(_ table: ReportTable) {
    let isFirst = state.withLock { state in
      state.tables += 1
      return state.tables == 1
    }
    let data = DataTable(columns: table.columns, rows: table.rows)
    switch settings.output {
    case .json, .yaml, .ndjson: keep(table.document)
    case .table: StandardStream.output.write(TextTable(columns: table.columns, rows: table.rows, indent: "").text)
    case .csv: StandardStream.output.write((isFirst ? "" : "\n") + data.csv)
    case .markdown: StandardStream.output.write(data.markdown + "\n")
    }
  }

  func report(markdown text: String) {
    switch settings.output {
    case .json, .yaml, .ndjson: keep(.string(text))
    case .table, .markdown: StandardStream.output.write(text + "\n")
    case .csv: StandardStream.error.write(text + "\n")
    }
  }

  func report(value: Document) {
    switch settings.output {
    case .json, .yaml, .ndjson: keep(value)
    case .table: StandardStream.output.write(value.jsonText + "\n")
    case .csv: StandardStream.error.write(value.jsonText + "\n")
    case .markdown: StandardStream.output.write("```json\n\(value.jsonText)\n```\n\n")
    }
  }

  private func keep(_ value: Document) {
    state.withLock { $0.output.append(value) }
    emit(EventDocument("output", ["value": value]))
  }

  // MARK: - Events for machines

  /// Writes an event as a line of `ndjson`, where that was asked for; lines of concurrent tasks do not mix.
  func emit(_ event: @autoclosure () -> EventDocument) {
    guard settings.output == .ndjson, tellsEvents else { return }
    let event = event()
    events.withLock { _ in StandardStream.output.write(event.line(at: .now())) }
  }

  // MARK: - Progress

  func note(_ event: ScriptEvent) {
    state.withLock { $0.origins.note(event) }
    emit(EventDocument(event))
    guard manner != .quiet else { return }
    tell(state.withLock { $0.progress.note(event, at: .now) })
  }

  func restore(_ event: ScriptEvent) {
    state.withLock { state in
      state.origins.note(event)
      state.progress.restore(event, at: .now)
    }
  }

  /// Hears of a change that an earlier process of the run made.
  func restore(_ change: APIChange) {
    let place = CallOrigin.current.place
    state.withLock { state in
      state.origins.note(change, at: place)
      state.progress.restore(change)
    }
  }

  func handle(_ event: RunEvent) {
    if case .didChange(let change, _) = event {
      // Who hears of it is in the task of the call that made it.
      let place = CallOrigin.current.place
      state.withLock { $0.origins.note(change, at: place) }
    }
    emit(EventDocument(event, origin: { origins[$0] }))
    guard manner != .quiet else { return }
    let lines = state.withLock { $0.progress.note(event, at: .now) }
    if tellsChanges { tell(lines) }
    guard settings.isVerbose else { return }
    switch event {
    case .willSettle(let operation, let reason):
      write("    \(operation): \(reason.withoutControlCharacters); asking what became of it")
    case .didSettle(let settled) where !settled.isResumed:
      write("    \(state.withLock { $0.progress.settlement(settled) })")
    default: break
    }
  }

  /// Writes lines of what goes before the progress: what is replayed.
  func announce(_ lines: [String]) {
    guard manner != .quiet else { return }
    tell(lines)
  }

  func handle(_ event: ClientEvent) {
    guard !settings.isQuiet else { return }
    switch event {
    case .throttled(let operation, let stated, let pause):
      let isNews = state.withLock { state in
        defer { state.toldLimit = stated ?? state.toldLimit }
        return stated != nil && stated != state.toldLimit
      }
      if let stated, isNews { write("  limit   the gateway allows \(stated): going by that") }
      guard settings.isVerbose else { return }
      let wait = pause.map { ", wait \($0)" } ?? ""
      write("    \(operation): throttled\(wait)")
    case .retrying(let operation, let tries, let delay, let reason):
      guard settings.isVerbose else { return }
      let milliseconds = Int((delay / .milliseconds(1)).rounded())
      write("    \(operation): try \(tries) failed, \(reason.withoutControlCharacters); again in \(milliseconds)ms")
    case .joined(let action, let count):
      guard settings.isVerbose else { return }
      write("    \(count) APIs \(action) in one request")
    }
  }

  /// Writes lines of progress, under the header; that comes even before those that only the region shows.
  private func tell(_ lines: [String]) {
    let isFirst = state.withLock { state in
      defer { state.hasHeader = true }
      return !state.hasHeader
    }
    for line in (isFirst && !header.isEmpty ? [header] : []) + lines { write(line) }
  }

  private func write(_ line: String) {
    state.withLock { $0.spoke = .now }
    guard manner == .log else { return StandardStream.error.write(line + "\n") }
    let time = MomentText(.error)(.now()).dropFirst("2026-11-20 ".count).prefix("10:14:55".count)
    StandardStream.error.write("\(time) \(line.drop { $0 == " " })\n")
  }
}

extension ReportTable {
  /// Its rows, as objects.
  var document: Document {
    .array(
      rows.map { row in
        .object(Dictionary(zip(columns, row.map(Document.string)), uniquingKeysWith: { _, last in last }))
      })
  }
}
