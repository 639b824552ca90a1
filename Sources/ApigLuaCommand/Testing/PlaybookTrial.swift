internal import GatewayAPI
internal import GatewayClient
internal import GatewayScripting
internal import LuaRuntime
internal import ReleaseEngine
internal import RunJournal
internal import Synchronization

/// A run of a playbook under test: the same parts as a real run's, with the test's gateway, time and answers.
struct PlaybookTrial: Sendable {
  let gateway: TestGateway
  let request: TrialRequest
  let talk: TrialTalk
  /// Is told how many health checks have ended before the run sends a request to other than the management API.
  let beforeSending: @Sendable (_ finishedChecks: Int) async throws -> Void

  /// - Returns: the result document, with what only tests want to know beside it.
  /// - Throws: ``GatewayError`` of kind `usage` for what cannot be run so; ``UsageError``; `JournalError`.
  func run() async throws -> Document {
    switch request.kind {
    case .run: return try await begin()
    case .resume: return try await resume()
    case .rollback: return try await rollback()
    }
  }

  // MARK: - Beginning, and going on

  private func begin() async throws -> Document {
    let options = try TestGateway.options(request.flags)
    let settings = try gateway.settings(options)
    let describer = try configuration(settings).describer(of: request.source, request.chunk)
    let secrets = try await SecretParameters(
      in: request.parameters, of: request.chunk, runner: describer, settings: settings)
    let start = RunStart(
      chunk: request.chunk, path: request.source.absolutePath(in: ProcessFacts.current.folder),
      parameters: request.parameters, seed: .random(in: .min ... .max), flags: options.kept,
      startedAt: gateway.time.now().text,
      secrets: secrets)
    return try await carryOut(start, earlier: nil, settings, modules: request.source.moduleFolder)
  }

  private func resume() async throws -> Document {
    let (record, recorded, entries) = try await earlier()
    guard record.state == .running || record.state == .stopped else {
      throw misuse("\(record.id) has come to its end: there is nothing to go on with", hint: nil)
    }
    guard !entries.showUndo else {
      throw misuse("\(record.id) is being undone: it can only be undone to the end", hint: "t.rollback(run)")
    }
    var start = recorded
    try start.open(
      with: request.parameters.named.filter { start.secretDigests[$0.name.replacing("-", with: "_")] != nil },
      run: record.id)
    let modules = start.path.flatMap { ScriptSource.file($0).moduleFolder }
    return try await carryOut(
      start, earlier: EarlierRun(record: record, entries: entries), try settings(of: record, start), modules: modules)
  }

  private func earlier() async throws -> (RunRecord, RunStart, [JournalEntry]) {
    let store = try await gateway.journal.opened()
    guard let id = request.run, let record = try await store.run(id) else {
      throw misuse("the run left no journal: it changed nothing", hint: nil)
    }
    return (record, try record.recordedStart, try await store.entries(of: record.id, from: 1))
  }

  private func settings(of record: RunRecord, _ start: RunStart) throws -> Settings {
    let options = try TestGateway.options([])
    var settings = try gateway.settings(options)
    settings.adopt(record, start, options: options)
    return settings
  }

  private func misuse(_ message: String, hint: String?) -> GatewayError {
    GatewayError(kind: .usage, message: message, hint: hint, operation: "t.\(request.kind.rawValue)")
  }

  // MARK: - The run

  private func configuration(_ settings: Settings, resuming run: String? = nil) throws -> SessionConfiguration {
    SessionConfiguration(
      settings: settings, instruments: try RunInstruments(settings, resuming: run),
      style: Style(.never, variables: settings.variables, stream: .error), process: .current,
      limits: try TestGateway.options([]).limits, isIsolated: false)
  }

  private func carryOut(
    _ start: RunStart, earlier: EarlierRun?, _ settings: Settings, modules: LuaModuleFolder?
  ) async throws -> Document {
    let began = gateway.time.now()
    let session = ScriptSession(
      configuration: try configuration(settings, resuming: earlier?.record.id),
      start: start, modules: modules, earlier: earlier)
    let configuration = session.configuration
    let facts = configuration.facts(id: configuration.instruments.runID.description, startedAt: start.startedAt)
    let stop = TrialStop()
    let store = try await store(stop)
    let journal = RunJournaling(
      settings: settings, record: session.record(facts), earlier: earlier, crashAfter: nil, store: { store },
      now: { gateway.time.now() })
    let output = TrialOutput()
    let questions = AskedQuestions(answers: request.answers)
    let approvals = configuration.approvals(journal.recorder, script: start.chunk.name, in: modules)
    let web = WebConnection(settings: settings, bench: gateway.bench)
    let scopes = UndoScopes()
    let connections = GatewayConnections(
      settings: settings, instruments: configuration.instruments, journal: journal, scopes: scopes,
      approvals: approvals, bench: gateway.bench)
    let chunks = LoadedChunks(start.chunk)
    let context = session.context(
      facts, output: output, recorder: journal.recorder, scopes: scopes, connections: connections,
      surroundings: surroundings(
        ScriptSurroundings(settings: settings, approvals: approvals, connections: connections, web: web), output,
        questions))
    var runner = session.runner(chunks, journal.recorder)
    runner.lineCounts = gateway.bench.coverage.map { _ in LuaLineCounts() }
    let counted = runner
    let script = Task {
      if earlier != nil { try await journal.takeOver("resume") }
      return try await counted.run(start.chunk, in: context, arguments: start.arguments)
    }
    stop.onStop { script.cancel() }
    var result = await withTaskCancellationHandler {
      await script.result
    } onCancel: {
      script.cancel()
    }
    var undoProblem: (any Error)?
    if case .failure(let error) = result, (error as? LuaError)?.code == .limit, !scopes.outermost.isEmpty {
      do {
        try await journal.turnToUndo()
        for scope in scopes.outermost { _ = try await connections.undo(scope) }
      } catch {
        undoProblem = error
      }
    }
    if case .success = result {
      do { try journal.recorder.checkReplayed() } catch { result = .failure(error) }
    }
    let changes = await connections.changes(asking: !stop.isStopped)
    let end = RunEnd(
      facts: facts, seconds: began.seconds(until: gateway.time.now()), result: result, changes: changes,
      statistics: await connections.statistics(), signal: nil, undoProblem: undoProblem,
      startedAt: journal.record.startedAt)
    let problem = stop.isStopped ? nil : await journal.close(end)
    await connections.releaseLocks()
    await web.close()
    await connections.close()
    gateway.bench.cover(runner.lineCounts, chunks, script: start.path.map { (start.chunk.name, $0) }, modules)
    // The last entry of all may be the one behind which it is stopped.
    if let problem, !stop.isStopped { throw problem }
    return try await document(of: end, output, questions, chunks, isCrashed: stop.isStopped)
  }

  /// The journal; one that is gone behind an entry, where the test wants that.
  private func store(_ stop: TrialStop) async throws -> any JournalStore {
    let store = try await gateway.journal.opened()
    guard let last = request.crashAfter else { return store }
    return CrashingJournal(store, last: last) { stop.stop() }
  }

  private func surroundings(
    _ real: ScriptSurroundings, _ output: TrialOutput, _ questions: AskedQuestions
  ) -> ScriptSurroundings {
    var surroundings = real
    let send = real.send
    surroundings.send = { request in
      try await beforeSending(output.finishedChecks)
      return try await send(request)
    }
    surroundings.sleep = { duration in
      if request.pauses { await talk.pause(duration / .seconds(1), reason: output.waitReason) }
      try await gateway.time.sleep(duration)
    }
    surroundings.ask = { try questions.answer($0) }
    // Whoever writes the test grants what it gives.
    surroundings.permissions.allowed += request.secrets.keys.map { Permission(.secret, $0) }
    let secret = real.secret
    surroundings.secret = { name in
      if let value = request.secrets[name] { return value }
      return try await secret(name)
    }
    return surroundings
  }

  // MARK: - Undoing a run

  private func rollback() async throws -> Document {
    let began = gateway.time.now()
    let (record, start, entries) = try await earlier()
    let settings = try settings(of: record, start)
    let stop = TrialStop()
    let store = try await store(stop)
    let journal = RunJournaling(
      settings: settings, record: record, earlier: nil, crashAfter: nil, behind: entries.last?.sequence ?? 0,
      store: { store }, now: { gateway.time.now() })
    let connections = GatewayConnections(
      settings: settings, instruments: try RunInstruments(settings, resuming: record.id), journal: journal,
      bench: gateway.bench)
    let undo = Task {
      for name in entries.changedGateways { await (try await connections.run(name)).restore(entries) }
      try await journal.takeOver("rollback")
      _ = try await connections.undo(.wholeRun)
    }
    stop.onStop { undo.cancel() }
    let result = await withTaskCancellationHandler {
      await undo.result
    } onCancel: {
      undo.cancel()
    }
    let changes = await connections.changes(asking: false)
    let facts = RunFacts(
      id: record.id, user: record.user, startedAt: began.text, gateway: settings.gatewayName,
      environment: settings.environment)
    let end = RunEnd(
      facts: facts, seconds: began.seconds(until: gateway.time.now()), result: result.map { Document.null },
      changes: changes, statistics: await connections.statistics(), signal: nil, startedAt: journal.record.startedAt)
    var problem: (any Error)?
    if case .success = result {
      do {
        try await journal.finishRollback(
          changes.areKept ? .undoIncomplete : .ok, summary: end.summary,
          hasUndone: changes.holdUndone || changes.holdFailedUndos || !changes.areKept)
      } catch {
        problem = error
      }
    }
    await connections.releaseLocks()
    await connections.close()
    // The last entry of all may be the one behind which it is stopped.
    if let problem, !stop.isStopped { throw problem }
    return try await document(
      of: end, TrialOutput(), AskedQuestions(answers: []), LoadedChunks(start.chunk), isCrashed: stop.isStopped)
  }

  // MARK: - The result

  private func document(
    of end: RunEnd, _ output: TrialOutput, _ questions: AskedQuestions, _ chunks: LoadedChunks, isCrashed: Bool
  ) async throws -> Document {
    let style = Style(.never, variables: TestGateway.variables(gateway.folder), stream: .error)
    let failure = end.error.flatMap {
      $0 is ScriptExit ? nil : ErrorReport(error: $0, style: style, chunks: chunks).document
    }
    var value = Document.null
    if case .success(let returned) = end.result { value = returned }
    let result = ResultDocument(
      run: end.facts.id, gateway: end.facts.gateway, environment: end.facts.environment, started: end.facts.startedAt,
      seconds: end.seconds, status: request.kind == .rollback ? rollbackStatus(end) : end.status, changes: end.changes,
      statistics: end.statistics, error: failure, value: value, output: output.output
    ).document
    let entries = try await entries(of: end.facts.id)
    var members = result.objectValue ?? [:]
    members["journal"] = .array(entries.map(\.line))
    members["logs"] = .array(output.logs)
    members["questions"] = .array(questions.texts)
    members["crashed"] = .boolean(isCrashed)
    members["is_undoing"] = .boolean(entries.showUndo)
    if isCrashed { members["outcome"] = "crashed" }
    if case .failure(let exit as ScriptExit) = end.result { members["text"] = exit.text.map(Document.string) ?? .null }
    return .object(members)
  }

  /// What the journal holds of the run; nothing where it changed nothing.
  private func entries(of run: String) async throws -> [JournalEntry] {
    let store = try await gateway.journal.opened()
    return try await store.run(run) == nil ? [] : store.entries(of: run, from: 1)
  }

  private func rollbackStatus(_ end: RunEnd) -> ExitStatus {
    end.error == nil ? (end.changes.areKept ? .undoIncomplete : .ok) : end.status
  }
}

/// Ends a run once, whenever that is asked for.
private final class TrialStop: Sendable {
  private struct State {
    var isStopped = false
    var action: (@Sendable () -> Void)?
  }

  private let state = Mutex(State())

  var isStopped: Bool { state.withLock(\.isStopped) }

  func onStop(_ action: @escaping @Sendable () -> Void) {
    let isLate = state.withLock { state in
      state.action = action
      return state.isStopped
    }
    if isLate { action() }
  }

  func stop() {
    let action = state.withLock { state in
      state.isStopped = true
      return state.action
    }
    action?()
  }
}

/// What a run asked, and the answers that its test has for it.
private final class AskedQuestions: Sendable {
  private let answers: [Bool]
  private let asked = Mutex<[Question]>([])

  init(answers: [Bool]) { self.answers = answers }

  var texts: [Document] { asked.withLock { $0.map { .string($0.text) } } }

  /// - Throws: ``GatewayError`` of kind `refused` where the answer is no.
  func answer(_ question: Question) throws {
    let number = asked.withLock { asked in
      asked.append(question)
      return asked.count
    }
    guard answers.isEmpty || answers[min(number, answers.count) - 1] else {
      throw GatewayError(kind: .refused, message: "the answer was no: \(question.text)")
    }
  }
}

extension JournalEntry {
  /// One entry, for who wants to know where a run was stopped.
  fileprivate var line: Document {
    [
      "kind": .string(kind.rawValue), "operation": .string(operation),
      "title": .string("\(kind.rawValue) \(title.isEmpty ? operation : title)"),
    ]
  }
}
