internal import GatewayAPI
internal import GatewayScripting
internal import LuaRuntime
internal import ReleaseEngine
internal import Synchronization

/// What a session works with while its inputs are only planned: a state of Lua beside the session's own, and the
/// session's gateways behind what was planned so far.
///
/// Nothing in it reaches the session's run, its journal or its locks. When it is dropped, nothing of it is left.
final class SessionPlan: Sendable {
  /// How an input ended.
  struct Outcome<Value: Sendable>: Sendable {
    let result: Result<Value, any Error>
    let findings: PlanFindings
    /// What was planned by the input, as a plan of its own.
    let part: ReleasePlan
    /// What was planned before it.
    let before: PlanningGateway.Mark
    /// Requests elsewhere that it would send.
    let requests: [PlannedRequest]
    let wasStopped: Bool
  }

  private struct State {
    var inputs: [PlannedInput] = []
    var obstacle: String?
  }

  /// The gateway of all of its inputs.
  let gateway: String
  let console: ScriptConsole
  let plannedIDs = PlannedIDs()
  private let id: String
  private let settings: Settings
  private let style: Style
  private let user: String
  private let place: SessionPlace
  private let connections: PlanConnections
  private let recorder: RunRecorder
  private let scopes = UndoScopes()
  private let output = SessionOutput()
  private let sources: PlanSources
  private let modules: LuaModuleFolder
  private let readModules: ReadModules
  private let world: PlannedWorld
  private let state = Mutex(State())

  /// - Parameters:
  ///   - readModules: what the session's own state of Lua has read.
  ///   - live: the session's gateways, which are only read.
  /// - Throws: ``LuaError`` when memory runs out.
  init(
    settings: Settings, style: Style, process: ProcessFacts, limits: LuaLimits, instruments: RunInstruments,
    modules: LuaModuleFolder, readModules: ReadModules, chunks: LoadedChunks, place: SessionPlace, facts: RunFacts,
    parameters: ParameterValues, seed: UInt64, live: GatewayConnections, web: WebConnection
  ) async throws {
    self.settings = settings
    self.style = style
    self.place = place
    self.modules = modules
    self.readModules = readModules
    user = process.userAtHost
    gateway = place.gateway
    var generator = SystemRandomNumberGenerator()
    id = ReleasePlan.newID(using: &generator)
    let world = PlannedWorld()
    self.world = world
    let recorder = RunRecorder(standIn: { try world.answer(to: $0) })
    self.recorder = recorder
    let packages = LockedPackages(settings: settings, folder: process.folder)
    let approvals = Approvals(
      settings: settings, recorder: recorder, script: "the session", folder: process.folder,
      places: ScriptPlaces(scriptFolder: modules.path, settings: settings, folder: process.folder), isPlan: true,
      keepGrant: packages.keepGrant)
    let connections = PlanConnections(
      GatewayOpening(settings: settings, instruments: instruments, onClientEvent: { _ in }),
      lent: { try await live.opened($0) }, rehearsal: Rehearsal(), plannedIDs: plannedIDs, recorder: recorder,
      scopes: scopes, approvals: approvals)
    self.connections = connections
    sources = PlanSources(chunks: chunks, folder: modules)
    var facts = facts
    facts.gateway = gateway
    facts.environment = place.environment
    var promotionSource: PromotionSource?
    if let source = settings.promotionSource {
      promotionSource = { gateway, id, name in source(gateway ?? place.gateway, id, name) }
    }
    var context = ScriptContext(
      mode: .plan, facts: facts, parameters: parameters, output: output, recorder: recorder, plannedIDs: plannedIDs,
      promotionSource: promotionSource, seed: seed,
      surroundings: ScriptSurroundings(settings: settings, approvals: approvals, web: web) {
        try await live.dataPlane()
      },
      scopes: scopes, undo: { try await connections.undo($0) }
    ) { [gateway] in try await connections.connection($0 ?? gateway).run }
    context.defaultEnvironment = { place.environment }
    context.place = { (place.gateway, place.environment) }
    var runner = ScriptRunner(limits: limits, moduleSource: sources.moduleSource)
    runner.packages = WatchedPackages(packages: packages, chunks: chunks) { _ in }
    console = try await ScriptConsole(runner, in: context)
  }

  /// What was planned and worked, in order.
  var inputs: [PlannedInput] { state.withLock(\.inputs) }

  /// Why it cannot be applied; nil when it can.
  var obstacle: String? { state.withLock(\.obstacle) }

  func add(_ input: PlannedInput) { state.withLock { $0.inputs.append(input) } }

  /// From now on it lists these, which are to be planned again before they can be applied.
  func keep(_ inputs: [PlannedInput], obstacle: String) {
    state.withLock { $0 = State(inputs: inputs, obstacle: obstacle) }
  }

  /// - Parameter obstacle: from now on the plan cannot be applied; the first reason stays.
  func spoil(_ obstacle: String) { state.withLock { $0.obstacle = $0.obstacle ?? obstacle } }

  /// Plans one input under Ctrl-C.
  func carryOut<Value: Sendable>(
    under signals: SessionSignals, _ body: @escaping @Sendable () async throws -> Value
  ) async -> Outcome<Value> {
    let began = Timestamp.now()
    let rehearsal = Rehearsal()
    world.begin(rehearsal)
    let marks = await marks()
    output.begin(RunReporter(settings: settings, style: style, header: "", showsProgress: false))
    let task = Task { try await body() }
    let stop = InputStop(gate: ChangeGate(), patience: settings.timeout) { task.cancel() }
    signals.onInterrupt { stop.request() }
    defer {
      stop.finish()
      signals.onInterrupt(nil)
    }
    let result = await task.result
    // A limit ends a part that is to be undone like any other failure does.
    if case .failure(let error as LuaError) = result, error.limit != nil {
      for open in scopes.outermost { _ = try? await connections.undo(open) }
    }
    scopes.closeAll()
    _ = output.end()
    recorder.forgetAnswers()
    let findings = await PlanFindings(
      result: result, connections: connections.opened(), rehearsal: rehearsal,
      seconds: began.seconds(until: .now()), leases: [], isAssuming: false, since: marks)
    return Outcome(
      result: result, findings: findings, part: await plan(since: marks[gateway]),
      before: marks[gateway] ?? PlanningGateway.Mark(), requests: world.requests, wasStopped: stop.isRequested)
  }

  private func marks() async -> [String: PlanningGateway.Mark] {
    var marks: [String: PlanningGateway.Mark] = [:]
    for connection in await connections.opened() { marks[connection.name] = await connection.planning.mark() }
    return marks
  }

  /// What is planned so far, of the gateway that it is for.
  ///
  /// - Parameter mark: what was planned before it is left out.
  func plan(since mark: PlanningGateway.Mark? = nil) async -> ReleasePlan {
    var plan = ReleasePlan(
      id: id, createdAt: Timestamp.now().text, createdBy: user,
      script: ReleasePlan.Source(name: "the session", digest: ""), modules: sources.sources,
      environment: place.environment, gateway: ReleasePlan.Target(name: gateway, identity: ""))
    for connection in await connections.opened() where connection.name == gateway {
      let planning = connection.planning
      plan.gateway.identity = connection.opened.identity
      plan.reads = await planning.reads()
      plan.changes = await Array(planning.changes[(mark?.changes ?? 0)...])
      plan.otherChanges = await Array(planning.otherChanges[(mark?.otherChanges ?? 0)...])
      for id in plan.changes.flatMap({ [$0.from, $0.to] }).compactMap(\.id) {
        plan.labels[id] = plannedIDs.label(of: id)
      }
    }
    return plan
  }

  /// What it rests on and is another by now, one sentence each; empty when nothing is.
  ///
  /// - Parameter plan: of all inputs.
  /// - Throws: ``GatewayError``.
  func findings(_ plan: ReleasePlan) async throws -> [String] {
    let moved = movedModules
    for connection in await connections.opened() where connection.name == gateway {
      return try await moved + PlanCheck(plan, on: connection.opened.client).findings()
    }
    return moved
  }

  /// Modules that are not what was planned with, one sentence each: in their files, or in the session's own state.
  var movedModules: [String] {
    sources.sources.compactMap { module in
      let now = (try? modules.source(of: module.name)?.source).map { ContentDigest.hex($0) }
      if now != module.digest { return "the module '\(module.name)' was changed or removed" }
      guard let read = readModules[module.name], read != module.digest else { return nil }
      return "the session still has the module '\(module.name)' as it was before it changed: begin a new session"
    }
  }

  /// Frees the state of Lua; nothing can be planned any more.
  func close() async {
    if !console.isAbandoned { await console.close() }
  }
}

/// Stands for the world while inputs are planned: each has its own counts.
private final class PlannedWorld: Sendable {
  private struct State {
    var rehearsal = Rehearsal()
    var requests: [PlannedRequest] = []
  }

  private let state = Mutex(State())

  /// What the input that runs would send elsewhere.
  var requests: [PlannedRequest] { state.withLock(\.requests) }

  /// - Parameter rehearsal: of the input that runs next.
  func begin(_ rehearsal: Rehearsal) { state.withLock { $0 = State(rehearsal: rehearsal) } }

  func answer(to call: RecordedCall) throws -> Document? {
    let answer = try state.withLock(\.rehearsal).answer(to: call)
    if answer != nil, call.operation.hasPrefix("http.") || call.operation == Permission.Kind.writeFile.rawValue {
      state.withLock { $0.requests.append(PlannedRequest(call)) }
    }
    return answer
  }
}
