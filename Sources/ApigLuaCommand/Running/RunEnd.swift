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
  /// Why an undo could not be carried out at all.
  var undoProblem: (any Error)?
  /// When the run began, in whichever process.
  let startedAt: Timestamp

  var status: ExitStatus {
    undoProblem == nil ? ExitStatus(error: error, changes: changes, signal: signal) : .undoIncomplete
  }

  /// What the gateway, or the way to it, had to do with the end.
  var gatewayError: GatewayError? { ((error as? LuaError)?.underlying ?? error) as? GatewayError }

  /// One line on what ended the script; nil when it came to its end.
  var message: String? { error.map { String(describing: $0) } }

  /// What the journal keeps of the end: counts by state.
  var summary: Document {
    var counts: [String: Document] = [:]
    for state in APIChange.State.allCases {
      counts[state.rawValue] = .integer(Int64(changes.apis.count { $0.state == state }))
    }
    return .object(counts)
  }

  var error: (any Error)? {
    guard case .failure(let error) = result else { return nil }
    return error
  }

  private var value: Document {
    guard case .success(let value) = result else { return .null }
    return value
  }

  /// - Parameters:
  ///   - account: the same for reports.
  ///   - isResumable: whether the run can go on where it stopped.
  ///   - script: the script and its parameters as they can be typed again.
  ///   - holder: the unfinished run that kept this one from its environment.
  func write(
    settings: Settings, reporter: RunReporter, account: RunAccount, chunks: LoadedChunks, isResumable: Bool,
    script: String?,
    holder: HoldingRun?
  ) {
    let style = reporter.style
    let report = ChangeReport(changes: changes, style: style, limit: (Self.mostRows, facts.id))
    if !settings.isQuiet, !report.text.isEmpty { StandardStream.error.write("\n" + report.text + "\n") }
    if let holder {
      StandardStream.error.write(holder.text(exit: status.rawValue, style: style, moment: MomentText(.error)))
    } else if let error {
      writeError(error, style: style, chunks: chunks)
    }
    let headline = headline(reporter).text(status)
    if !settings.isQuiet, !headline.isEmpty {
      let mark = status.isGood ? style.good : style.bad
      StandardStream.error.write("\(mark) \(headline)\n")
    }
    if let undoProblem { ErrorReport(error: undoProblem, style: style).tell() }
    if !settings.isQuiet {
      StandardStream.error.write(
        NextCommands(changes: changes, run: facts, settings: settings, script: script).text(
          status, isResumable: isResumable, isSignalled: signal != nil)
      )
    }
    if settings.isVerbose { StandardStream.error.write("  \(RequestSummary(statistics: statistics).text)\n") }
    writeResult(settings, reporter, account, chunks: chunks)
  }

  /// One line on how it ended.
  func headline(_ reporter: RunReporter) -> RunHeadline {
    RunHeadline(
      changes: changes, summary: ChangeReport(changes: changes, style: reporter.style).summary, seconds: seconds,
      startedAt: startedAt, failedWave: reporter.failedWave, history: reporter.history, moment: MomentText(.error))
  }

  /// Writes the result to standard output in the form that was asked for.
  private func writeResult(
    _ settings: Settings, _ reporter: RunReporter, _ account: RunAccount, chunks: LoadedChunks? = nil
  ) {
    let format = settings.output
    switch format {
    case .table: writeValue()
    case .markdown: StandardStream.output.write(RunSummary(account: account).text)
    case .csv:
      // Tables of the script are its result; one file holds one.
      if !reporter.hasTables {
        StandardStream.output.write(ChangeReport(changes: changes, style: reporter.style).table.csv)
      }
    case .json, .yaml, .ndjson:
      let result = CommandResult(
        event: "result", document: document(reporter, account.status, chunks: chunks),
        table: DataTable(columns: [], rows: []))
      do {
        StandardStream.output.write(try result.text(format))
      } catch {
        ErrorReport(error: error, style: reporter.style).tell()
      }
    }
  }

  /// How many APIs that are well are listed at the end of a run.
  private static let mostRows = 50

  /// The last line of a log: "outcome=rolled_back changed=0 failed=1 undone=18 exit=4".
  func resultLine(_ status: ExitStatus) -> String {
    let count = { (state: APIChange.State) in changes.apis.count { $0.state == state } }
    return "result outcome=\(status.outcome(keepsChanges: changes.areKept)) changed=\(count(.changed)) "
      + "failed=\(count(.failed) + count(.undoFailed) + count(.unknown)) undone=\(count(.undone)) exit=\(status.rawValue)"
  }

  /// Writes how an undo without the script ended.
  func writeRollback(settings: Settings, reporter: RunReporter, account: RunAccount) {
    let status = account.status
    let style = reporter.style
    let report = ChangeReport(changes: changes, style: style)
    if !settings.isQuiet, !report.text.isEmpty { StandardStream.error.write("\n" + report.text + "\n") }
    let summary = report.summary.isEmpty ? "nothing to undo" : report.summary
    let mark = status == .ok ? style.good : style.bad
    // What ended it before its end is told by itself.
    if !settings.isQuiet, error == nil { StandardStream.error.write("\(mark) \(summary) in \(tenths(seconds))s\n") }
    if status == .undoIncomplete, !settings.isQuiet {
      StandardStream.error.write(NextCommands(changes: changes, run: facts, settings: settings).undoIncomplete)
    }
    if settings.output != .table { writeResult(settings, reporter, account) }
  }

  private func writeError(_ error: any Error, style: Style, chunks: LoadedChunks) {
    if let exit = error as? ScriptExit {
      if let text = exit.text { StandardStream.error.write(text.withoutControlCharacters + "\n") }
    } else if status == .interrupted || status == .terminated {
      StandardStream.error.write("\(style.bad) stopped; what was changed is listed above\n")
    } else {
      ErrorReport(error: error, style: style, chunks: chunks).tell()
    }
  }

  private func writeValue() {
    switch value {
    case .null: break
    case .string(let text): StandardStream.output.write(text + "\n")
    default: StandardStream.output.write(value.jsonText + "\n")
    }
  }

  private func document(_ reporter: RunReporter, _ status: ExitStatus, chunks: LoadedChunks?) -> Document {
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
