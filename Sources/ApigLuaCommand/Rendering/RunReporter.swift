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
  private let state = Mutex(State())

  private struct State {
    var hasHeader = false
    /// The limit that was told last.
    var toldLimit: RequestRate?
    /// What `print` and `report` wrote, for the result document.
    var output: [Document] = []
  }

  /// - Parameter header: the line above the first progress: gateway, script and run.
  init(settings: Settings, style: Style, header: String) {
    self.settings = settings
    self.style = style
    self.header = header
  }

  /// What the script wrote, for the result document.
  var output: [Document] { state.withLock { $0.output } }

  // MARK: - Script output

  func print(_ text: LuaString) {
    if settings.output == .json {
      let line = text.description
      keep(.string(line.hasSuffix("\n") ? String(line.dropLast()) : line))
      StandardStream.error.write(text.bytes)
    } else {
      StandardStream.output.write(text.bytes)
    }
  }

  func log(_ level: ScriptLogLevel, _ message: String) {
    if level == .debug, !settings.isVerbose { return }
    if level == .info, settings.isQuiet { return }
    let word: String? =
      switch level {
      case .debug: style.text("debug: ", .faint)
      case .info: nil
      case .warn: style.text("warning: ", .waiting)
      case .error: style.text("error: ", .failed)
      }
    StandardStream.error.write((word ?? "") + message.withoutControlCharacters + "\n")
  }

  func report(_ table: ReportTable) {
    if settings.output == .json {
      let rows = table.rows.map { row in
        Document.object(Dictionary(zip(table.columns, row.map(Document.string)), uniquingKeysWith: { _, last in last }))
      }
      keep(.array(rows))
    } else {
      StandardStream.output.write(TextTable(columns: table.columns, rows: table.rows, indent: "").text)
    }
  }

  func report(markdown text: String) {
    if settings.output == .json { keep(.string(text)) } else { StandardStream.output.write(text + "\n") }
  }

  func report(value: Document) {
    if settings.output == .json { keep(value) } else { StandardStream.output.write(value.jsonText + "\n") }
  }

  private func keep(_ value: Document) { state.withLock { $0.output.append(value) } }

  // MARK: - Progress

  func note(_ event: ScriptEvent) {
    guard !settings.isQuiet else { return }
    let line: String
    switch event {
    case .stepBegan(let name): line = "step      \(name.withoutControlCharacters)"
    case .stepEnded(let name, let isGood):
      guard !isGood else { return }
      line = "\(style.bad) step    \(name.withoutControlCharacters)"
    case .waveBegan(let label, let count): line = "wave \(label)   \(count) item\(count == 1 ? "" : "s")"
    case .waveEnded: return
    case .waitBegan(let duration, let reason):
      line = "wait      \(duration.text)" + (reason.map { "  \($0.withoutControlCharacters)" } ?? "")
    case .healthChecked(let name, let text, let isGood):
      line = "\(isGood ? style.good : style.bad) \("\(name)   \(text)".withoutControlCharacters)"
    }
    writeHeader()
    StandardStream.error.write("  \(line)\n")
  }

  func handle(_ event: RunEvent) {
    guard !settings.isQuiet else { return }
    switch event {
    case .willChange(let operation, let count, _):
      writeHeader()
      let scope = count == 0 ? "" : "   \(count) API\(count == 1 ? "" : "s")"
      StandardStream.error.write("  \(operation)\(scope)\n")
    case .didChange(let change):
      guard settings.isVerbose else { return }
      StandardStream.error.write("    \(change.apiName ?? change.apiID): \(change.state.rawValue)\n")
    case .willUndo(let count):
      writeHeader()
      StandardStream.error.write("  undoing \(count) change\(count == 1 ? "" : "s"), newest first\n")
    case .willSettle(let operation, let reason):
      guard settings.isVerbose else { return }
      StandardStream.error.write("    \(operation): \(reason.withoutControlCharacters); asking what became of it\n")
    }
  }

  func handle(_ event: ClientEvent) {
    guard !settings.isQuiet else { return }
    switch event {
    case .throttled(let operation, let stated, let pause):
      let isNews = state.withLock { state in
        defer { state.toldLimit = stated ?? state.toldLimit }
        return stated != nil && stated != state.toldLimit
      }
      if let stated, isNews { StandardStream.error.write("  limit   the gateway allows \(stated): going by that\n") }
      guard settings.isVerbose else { return }
      let wait = pause.map { ", wait \($0)" } ?? ""
      StandardStream.error.write("    \(operation): throttled\(wait)\n")
    case .retrying(let operation, let tries, let delay, let reason):
      guard settings.isVerbose else { return }
      let milliseconds = Int((delay / .milliseconds(1)).rounded())
      StandardStream.error.write(
        "    \(operation): try \(tries) failed, \(reason.withoutControlCharacters); again in \(milliseconds)ms\n")
    case .joined(let action, let count):
      guard settings.isVerbose else { return }
      StandardStream.error.write("    \(count) APIs \(action) in one request\n")
    }
  }

  private func writeHeader() {
    let isFirst = state.withLock { state in
      defer { state.hasHeader = true }
      return !state.hasHeader
    }
    if isFirst { StandardStream.error.write(header + "\n") }
  }
}
