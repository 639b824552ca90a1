internal import GatewayAPI
internal import GatewayScripting
internal import LuaRuntime
internal import ReleaseEngine
internal import RunJournal

/// What one run is put together from: its journal, its gateways, its script and who reports on it.
struct RunParts: Sendable {
  let reporter: RunReporter
  let journal: RunJournaling
  let connections: GatewayConnections
  let gate = ChangeGate()
  let scopes = UndoScopes()
  let context: ScriptContext
  /// The script and its modules, as far as they were loaded.
  let chunks: LoadedChunks
  let runner: ScriptRunner
  private let web: WebConnection
  private let admission: PlanAdmission?

  init(_ session: ScriptSession) {
    let configuration = session.configuration
    let settings = configuration.settings
    let start = session.start
    let facts = configuration.facts(id: configuration.instruments.runID.description, startedAt: start.startedAt)
    let reporter = RunReporter(settings: settings, style: configuration.style, header: session.header(facts.id))
    let journal = RunJournaling(
      settings: settings, record: session.record(facts), earlier: session.earlier,
      keepsRuns: !configuration.instruments.isReplaying, crashAfter: configuration.process.variables.crashAfterEntry)
    let approvals = configuration.approvals(journal.recorder, script: start.chunk.name, in: session.modules)
    let web = WebConnection(settings: settings)
    let admission = start.plan.map { PlanAdmission($0, store: journal.store, run: facts.id) }
    let connections = GatewayConnections(
      settings: settings, instruments: configuration.instruments, journal: journal, gate: gate, scopes: scopes,
      approvals: approvals, admission: admission,
      onEvent: { event in
        admission?.note(event)
        reporter.handle(event)
      },
      onRestore: { change in
        admission?.note(.didChange(change, action: change.operation))
        reporter.restore(change)
      }, onClientEvent: { reporter.handle($0) })
    context = session.context(
      facts, output: reporter, recorder: journal.recorder, scopes: scopes, connections: connections,
      surroundings: ScriptSurroundings(settings: settings, approvals: approvals, connections: connections, web: web))
    chunks = LoadedChunks(start.chunk)
    runner = session.runner(chunks, journal.recorder)
    self.reporter = reporter
    self.journal = journal
    self.connections = connections
    self.web = web
    self.admission = admission
  }

  /// What a script that came to its end has to have done besides.
  ///
  /// - Throws: ``RunDivergence`` when it left out what it did before; ``GatewayError`` when it was not what was planned.
  func checkSuccess() async throws {
    try journal.recorder.checkReplayed()
    // A script that goes on behind a refusal has not done what was planned all the same.
    if let refusal = admission?.refusal { throw refusal }
    try await admission?.refuseUsedByAnother()
  }

  /// Enters how the run ended, and gives everything back.
  ///
  /// - Returns: why that could not be kept.
  func close(_ end: RunEnd) async -> (any Error)? {
    let problem = await journal.close(end)
    await connections.releaseLocks()
    await web.close()
    await connections.close()
    return problem
  }
}
