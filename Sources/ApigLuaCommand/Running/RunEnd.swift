internal import GatewayAPI
internal import GatewayClient
internal import GatewayScripting
internal import LuaRuntime
internal import ReleaseEngine

/// How a run ended, and its last words.
struct RunEnd {
  let facts: RunFacts
  /// How long it took.
  let seconds: Double
  let result: Result<Document, any Error>
  let changes: RunChanges
  let statistics: ClientStatistics
  let signal: Int32?

  var status: ExitStatus { ExitStatus(error: error, changes: changes, signal: signal) }

  private var error: (any Error)? {
    guard case .failure(let error) = result else { return nil }
    return error
  }

  private var value: Document {
    guard case .success(let value) = result else { return .null }
    return value
  }

  func write(settings: Settings, reporter: RunReporter, chunks: LoadedChunks) {
    let style = reporter.style
    let report = ChangeReport(changes: changes, style: style)
    if !settings.isQuiet, !report.text.isEmpty { StandardStream.error.write("\n" + report.text + "\n") }
    if let error { writeError(error, style: style, chunks: chunks) }
    if !settings.isQuiet, !report.summary.isEmpty {
      let mark = status == .ok || status == .differences ? style.good : style.bad
      StandardStream.error.write("\(mark) \(report.summary) in \(tenths(seconds))s\n")
    }
    if settings.isVerbose { StandardStream.error.write("  \(RequestSummary(statistics: statistics).text)\n") }
    switch settings.output {
    case .json: StandardStream.output.write(document(reporter, chunks: chunks, settings).jsonText + "\n")
    case .table: writeValue()
    }
  }

  private func writeError(_ error: any Error, style: Style, chunks: LoadedChunks) {
    if let exit = error as? ScriptExit {
      if let text = exit.text { StandardStream.error.write(text.withoutControlCharacters + "\n") }
    } else if status == .interrupted || status == .terminated {
      StandardStream.error.write("\(style.bad) stopped; what was changed is listed above\n")
    } else {
      StandardStream.error.write(ErrorReport(error: error, style: style, chunks: chunks).text)
    }
  }

  private func writeValue() {
    switch value {
    case .null: break
    case .string(let text): StandardStream.output.write(text + "\n")
    default: StandardStream.output.write(value.jsonText + "\n")
    }
  }

  private func document(_ reporter: RunReporter, chunks: LoadedChunks, _ settings: Settings) -> Document {
    let failure = error.flatMap {
      $0 is ScriptExit ? nil : ErrorReport(error: $0, style: reporter.style, chunks: chunks)
    }
    return ResultDocument(
      run: facts.id, gateway: facts.gateway, environment: facts.environment, started: facts.startedAt,
      seconds: seconds, status: status, changes: changes, statistics: statistics, error: failure?.document,
      value: value, output: reporter.output
    ).document
  }

  private func tenths(_ seconds: Double) -> String {
    let tenths = Int((seconds * 10).rounded())
    return "\(tenths / 10).\(tenths % 10)"
  }
}
