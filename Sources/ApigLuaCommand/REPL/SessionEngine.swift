internal import GatewayAPI
internal import GatewayScripting
internal import LuaRuntime
internal import ReleaseEngine
internal import RunJournal
internal import Synchronization

/// What a session works with, for as long as it lasts: one run in the journal, one state of Lua, gateways and locks.
///
/// An input is carried out under Ctrl-C, gives its locks back at its end, and is a part of the run that can be undone by
/// itself.
final class SessionEngine: Sendable {
  /// How an input ended.
  struct Outcome<Value: Sendable>: Sendable {
    let result: Result<Value, any Error>
    let doings: SessionOutput.Doings
    let scope: UndoScope
    /// What the input did to APIs, one entry for each.
    let changes: [APIChange]
    /// The changes of it that can be undone.
    let standing: [APIChange]
    /// Why what a limit was to undo is not undone.
    let undoProblem: (any Error)?
    let wasStopped: Bool
    /// Whether Lua's state is lost, and the session goes on with a new one.
    let hasLostState: Bool
  }

  let settings: Settings
  let style: Style
  let place: SessionPlace
  let facts: RunFacts
  let connections: GatewayConnections
  let approvals: Approvals
  let chunks: LoadedChunks
  private let runner: ScriptRunner
  private let context: ScriptContext
  private let currentConsole: Mutex<ScriptConsole>
  private let instruments: RunInstruments
  private let began = Timestamp.now()
  private let output: SessionOutput
  private let gate = ChangeGate()
  private let scopes: UndoScopes
  private let journal: RunJournaling
  private let web: WebConnection
  let admission: SessionAdmission
  /// Gives a state of Lua in which inputs are only planned.
  private let newPlan: @Sendable () async throws -> SessionPlan
  private let currentPlan = Mutex<SessionPlan?>(nil)

  /// - Parameters:
  ///   - script: the script that is run first, if any; modules are found beside it, else in the working folder.
  /// - Throws: ``UsageError``, ``LuaError``.
  init(
    settings: Settings, style: Style, process: ProcessFacts, limits: LuaLimits, script: ScriptSource?,
    parameters: ParameterValues
  ) async throws {
    self.settings = settings
    self.style = style
    instruments = try RunInstruments(settings)
    let place = SessionPlace(gateway: settings.gatewayName, environment: settings.environment)
    self.place = place
    var facts = RunFacts(
      id: instruments.runID.description, user: process.user, startedAt: began.text, gateway: settings.gatewayName,
      environment: settings.environment)
    facts.narrowing = settings.narrowing
    self.facts = facts
    let seed = UInt64.random(in: .min ... .max)
    let start = RunStart(
      chunk: LuaChunk(name: "repl", source: ""), path: nil, parameters: ParameterValues(), seed: seed,
      flags: [RunStart.sessionFlag: "true"], startedAt: facts.startedAt)
    let record = RunRecord(
      id: facts.id, startedAt: began, user: process.userAtHost, host: process.host, process: .current,
      command: SessionCommand.text(script: script?.name), gateway: settings.gatewayName,
      environment: settings.environment, start: start.document)
    let journal = RunJournaling(
      settings: settings, record: record, earlier: nil, keepsRuns: !instruments.isReplaying,
      crashAfter: process.variables.crashAfterEntry)
    self.journal = journal
    let modules = script?.moduleFolder ?? LuaModuleFolder(path: process.folder)
    let review = SessionChangeReview(place: place)
    let packages = LockedPackages(settings: settings, folder: process.folder)
    let approvals = Approvals(
      settings: settings, recorder: journal.recorder, script: "the session", folder: process.folder,
      places: ScriptPlaces(scriptFolder: modules.path, settings: settings, folder: process.folder),
      changeReview: review, keepGrant: packages.keepGrant)
    self.approvals = approvals
    let output = SessionOutput()
    self.output = output
    let scopes = UndoScopes()
    self.scopes = scopes
    let admission = SessionAdmission()
    self.admission = admission
    let connections = GatewayConnections(
      settings: settings, instruments: instruments, journal: journal, gate: gate, scopes: scopes, approvals: approvals,
      admission: admission,
      onEvent: { event in
        admission.note(event)
        output.handle(event)
      }, onClientEvent: { output.handle($0) })
    self.connections = connections
    review.use(connections)
    let web = WebConnection(settings: settings)
    self.web = web
    var promotionSource: PromotionSource?
    if let source = settings.promotionSource {
      promotionSource = { gateway, id, name in source(gateway ?? place.gateway, id, name) }
    }
    var context = ScriptContext(
      facts: facts, parameters: parameters, output: output, recorder: journal.recorder,
      promotionSource: promotionSource, seed: seed,
      surroundings: ScriptSurroundings(settings: settings, approvals: approvals, connections: connections, web: web),
      scopes: scopes, undo: { try await connections.undo($0) }
    ) { try await connections.run($0 ?? place.gateway) }
    context.defaultEnvironment = { place.environment }
    context.place = { (place.gateway, place.environment) }
    context.onCall = {
      try admission.admitCall(of: $0)
      output.noteCall($0)
    }
    context.beforeRequest = { try admission.admit($0) }
    let chunks = LoadedChunks(start.chunk)
    self.chunks = chunks
    self.context = context
    let readModules = ReadModules()
    var runner = ScriptRunner(limits: limits, moduleSource: readModules.noting(chunks.remembering(modules)))
    runner.packages = WatchedPackages(packages: packages, chunks: chunks) { [recorder = journal.recorder] in
      recorder.mark($0)
    }
    self.runner = runner
    newPlan = { [instruments, facts] in
      try await SessionPlan(
        settings: settings, style: style, process: process, limits: limits, instruments: instruments,
        modules: modules, readModules: readModules, chunks: chunks, place: place, facts: facts, parameters: parameters,
        seed: seed,
        live: connections, web: web)
    }
    let console = try await ScriptConsole(runner, in: context)
    currentConsole = Mutex(console)
  }

  /// Where inputs are evaluated: the plan's while they are only planned.
  var console: ScriptConsole { plan?.console ?? liveConsole }

  private var liveConsole: ScriptConsole { currentConsole.withLock(\.self) }

  /// nil while inputs do what they say.
  var plan: SessionPlan? { currentPlan.withLock(\.self) }

  /// From now on inputs are only planned, on what runs now; what was planned before is dropped.
  ///
  /// - Returns: the session's globals that these inputs do not find.
  /// - Throws: ``LuaError`` when there can be no state for it.
  func beginPlan() async throws -> [String] {
    guard !liveConsole.isAbandoned else {
      throw LuaError(code: .internalFailure, message: "the session has lost its state of Lua")
    }
    let new = try await newPlan()
    let left: [String]
    do { left = try await new.console.takeGlobals(of: liveConsole) } catch {
      await new.close()
      throw error
    }
    await endPlan()
    currentPlan.withLock { $0 = new }
    return left
  }

  /// Drops what is planned: from now on inputs do what they say.
  func endPlan() async {
    let old = currentPlan.withLock { plan in
      defer { plan = nil }
      return plan
    }
    await old?.close()
  }

  /// From now on inputs do what they say, as far as a plan holds it; ``endApplying(_:)`` is to follow.
  func beginApplying(_ plan: ReleasePlan) {
    admission.begin(plan)
    currentPlan.withLock { $0 = nil }
  }

  /// From now on inputs are only planned, as before.
  func endApplying(_ plan: SessionPlan) {
    currentPlan.withLock { $0 = plan }
    admission.end()
  }

  /// Whether the journal keeps nothing any more, so that nothing can be changed.
  var hasLostJournal: Bool {
    get async { await journal.recorder.hasFailed }
  }

  /// Carries out one input, finds out what it changed, and ends its part of the run: all under Ctrl-C.
  ///
  /// - Parameters:
  ///   - signals: where Ctrl-C comes from.
  ///   - since: how many signals had come when what the input belongs to began: another one stops it, too.
  ///   - remark: is shown when it comes.
  /// - Throws: ``LuaError`` when Lua's state is lost and there can be no new one.
  func carryOut<Value: Sendable>(
    under signals: SessionSignals, since: Int? = nil, onStop remark: String? = nil,
    _ body: @escaping @Sendable () async throws -> Value
  ) async throws -> Outcome<Value> {
    let reporter = RunReporter(settings: settings, style: style, header: "", tellsChanges: false)
    gate.open()
    output.begin(reporter)
    reporter.begin { [connections] in await connections.statistics() }
    let mark = scopes.mark()
    let task = Task { try await body() }
    let stop = InputStop(gate: gate, patience: settings.timeout) { task.cancel() }
    signals.onInterrupt {
      if let remark { StandardStream.error.write(remark + "\n") }
      stop.request()
    }
    if let since, signals.count != since { stop.request() }
    defer {
      stop.finish()
      signals.onInterrupt(nil)
    }
    let result = await task.result
    let wasStopped = stop.isRequested
    // What was held back belongs to the input that is over.
    gate.open()
    let ending = Task { await self.end(mark, after: result) }
    stop.next { ending.cancel() }
    let (doings, scope, undoProblem, changes, standing) = await ending.value
    reporter.end(isGood: !wasStopped)
    return Outcome(
      result: result, doings: doings, scope: scope, changes: changes, standing: standing, undoProblem: undoProblem,
      wasStopped: wasStopped, hasLostState: try await renewLostConsole())
  }

  private func end(
    _ mark: UndoScope, after result: Result<some Sendable, any Error>
  ) async -> (SessionOutput.Doings, UndoScope, (any Error)?, [APIChange], [APIChange]) {
    var undoProblem: (any Error)?
    // A limit ends a part that is to be undone like any other failure does.
    if case .failure(let error as LuaError) = result, error.limit != nil {
      for open in scopes.outermost {
        do { _ = try await connections.undo(open) } catch { undoProblem = error }
      }
    }
    // A step that nothing can interrupt leaves its requests behind: what they change belongs to this input.
    let patience = ContinuousClock.now + settings.timeout
    while gate.isBusy, ContinuousClock.now < patience { try? await Task.sleep(for: .milliseconds(10)) }
    scopes.closeAll()
    let scope = scopes.ended(mark)
    let doings = output.end()
    let changes = await changes(of: doings)
    let standing = await connections.standing(in: scope)
    // Others wait for the environments, whoever stops this.
    await Task { [connections] in await connections.endPart() }.value
    // What was only read is not needed again: no session is replayed.
    if doings.isEmpty { journal.recorder.forgetAnswers() }
    return (doings, scope, undoProblem, changes, standing)
  }

  /// - Returns: whether there was one to renew.
  private func renewLostConsole() async throws -> Bool {
    guard liveConsole.isAbandoned else { return false }
    let new = try await ScriptConsole(runner, in: context)
    currentConsole.withLock { $0 = new }
    return true
  }

  /// What an input did to APIs, with names and version numbers; one entry for each API.
  private func changes(of doings: SessionOutput.Doings) async -> [APIChange] {
    guard !doings.changes.isEmpty else { return [] }
    let all = await connections.changes(asking: true).apis
    var merged: [APIChange] = []
    for change in doings.changes {
      let isSame = { (other: APIChange) in
        other.apiID == change.apiID && other.environmentID == change.environmentID && other.gateway == change.gateway
      }
      var step = change
      if let sum = all.first(where: isSame) {
        step.apiName = step.apiName ?? sum.apiName
        step.environmentName = step.environmentName ?? sum.environmentName
        if step.after.id == sum.after.id { step.after = sum.after }
      }
      if let index = merged.firstIndex(where: isSame) {
        step.before = merged[index].before
        merged[index] = step
      } else {
        merged.append(step)
      }
    }
    return merged
  }

  /// What of an input's changes still stands.
  func standing(in input: SessionInput) async -> [APIChange] { await connections.standing(in: input.scope) }

  /// Undoes what an input changed, after asking where that is protected.
  ///
  /// - Throws: ``GatewayError`` of kind `refused`; `JournalError`, ``EnvironmentHeld``.
  func undo(_ input: SessionInput) async throws -> UndoReport {
    struct Target: Hashable {
      let gateway: String
      let environmentID: String
    }
    let targets = Dictionary(grouping: input.standing) { change in
      change.environmentID.map { Target(gateway: change.gateway, environmentID: $0) }
    }
    for case (let target?, let changes) in targets {
      let id = target.environmentID
      let name = try await connections.run(target.gateway).names.environmentName(id: id) ?? id
      guard let profile = settings.gateways[target.gateway]?.protectedEnvironment(id: id, name: name) else { continue }
      guard place.isWriting else {
        throw SessionChangeReview.refusal(profile, on: target.gateway)
      }
      try await approvals.reviewUndo(
        of: "the input", count: Set(changes.map(\.apiID)).count, id: id, name: name, on: target.gateway)
    }
    return try await connections.undo(input.scope)
  }

  /// Ends the run, and says what it leaves.
  func close() async {
    let changes = await connections.changes(asking: false)
    let end = RunEnd(
      facts: facts, seconds: began.seconds(until: .now()), result: .success(.null), changes: changes,
      statistics: await connections.statistics(), signal: nil, startedAt: began)
    let problem = await journal.close(end)
    await connections.releaseLocks()
    await web.close()
    await connections.close()
    await endPlan()
    if !liveConsole.isAbandoned { await liveConsole.close() }
    if changes.areKept, !settings.isQuiet {
      let summary = ChangeReport(changes: changes, style: style).summary
      StandardStream.error.write("run \(facts.id): \(summary)\n")
      StandardStream.error.write(
        NextCommands(changes: changes, run: facts, settings: settings).text(.ok, isResumable: false, isSignalled: false)
      )
    }
    if let problem { ErrorReport(error: problem, style: style).tell() }
    for remark in instruments.remarks(isVerbose: settings.isVerbose) { StandardStream.error.write(remark + "\n") }
  }
}

extension RunStart {
  /// Marks the run of a session, which has no script to begin again.
  static let sessionFlag = "session"

  var isSession: Bool { flags[Self.sessionFlag] != nil }
}
