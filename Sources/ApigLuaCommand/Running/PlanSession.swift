internal import GatewayAPI
internal import GatewayClient
internal import GatewayScripting
internal import LuaRuntime
internal import ReleaseEngine
internal import RunJournal
internal import SQLiteJournal

/// One script, tried on the gateway without changing it.
struct PlanSession: Sendable {
  let configuration: SessionConfiguration
  let source: ScriptSource
  let chunk: LuaChunk
  let parameters: ParameterValues
  let request: PlanRequest
  /// Of a test; nil for everyone else.
  var bench: RunBench?

  /// A plan, and what there is to say of it.
  struct Made: Sendable {
    let plan: ReleasePlan
    let findings: PlanFindings
    let plannedIDs: PlannedIDs
    let chunks: LoadedChunks
    let signal: Int32?
  }

  private var settings: Settings { configuration.settings }
  private var style: Style { configuration.style }

  /// Makes the plan, shows it, and saves it where that was asked for.
  ///
  /// - Throws: ``UsageError`` for a file that cannot be written.
  func run() async throws -> ExitStatus {
    guard request.file == nil || settings.narrowing.isEmpty else {
      throw UsageError(
        message: "a plan of a narrowed selection is not saved: apply would not narrow it",
        hint: "leave out --out, or --only, --skip and --only-failed-of")
    }
    try settings.refuseReports()
    try request.file.map { try PlanFile(path: $0).requireReplaceable() }
    let reporter = RunReporter(settings: scriptSettings, style: style, header: "", showsProgress: false)
    let made = try await make(reporter, written: { reporter.output }, onClientEvent: { reporter.handle($0) })
    return try write(made)
  }

  /// Makes the plan.
  ///
  /// - Parameters:
  ///   - output: takes what the script writes.
  ///   - written: what it wrote.
  func make(
    _ output: any ScriptOutput, written: () -> [Document], onClientEvent: @escaping @Sendable (ClientEvent) -> Void
  ) async throws -> Made {
    let now: @Sendable () -> Timestamp = { bench?.time.now() ?? .now() }
    let began = now()
    var generator = SystemRandomNumberGenerator()
    let planID = ReleasePlan.newID(using: &generator)
    let seed = UInt64.random(in: .min ... .max)
    let chunks = LoadedChunks(chunk)
    let sources = PlanSources(chunks: chunks, folder: source.moduleFolder)
    let rehearsal = Rehearsal(request.assumptions, propagation: propagation)
    let plannedIDs = PlannedIDs()
    let recorder = RunRecorder(now: now, standIn: { try rehearsal.answer(to: $0) })
    let scopes = UndoScopes()
    let approvals = configuration.approvals(recorder, script: chunk.name, in: source.moduleFolder, isPlan: true)
    let web = WebConnection(settings: settings, bench: bench)
    let connections = PlanConnections(
      GatewayOpening(
        settings: settings, instruments: configuration.instruments, onClientEvent: onClientEvent, bench: bench),
      rehearsal: rehearsal, plannedIDs: plannedIDs, recorder: recorder, scopes: scopes,
      approvals: approvals)
    if let package = source.package { sources.note(package) }
    let runner = configuration.runner(
      sources.moduleSource, as: source.package, chunks: chunks, onUse: { sources.note($0) })
    let given = try await given(runner, planID)
    let own = ScriptContext(
      mode: .plan, facts: configuration.facts(id: planID, startedAt: began.text), parameters: parameters,
      output: output, recorder: recorder,
      plannedIDs: plannedIDs, promotionSource: settings.promotionSource, seed: seed,
      surroundings: ScriptSurroundings(settings: settings, approvals: approvals, web: web) {
        try await connections.dataPlane()
      },
      scopes: scopes,
      undo: { try await connections.undo($0) }
    ) { try await connections.connection($0).run }
    let context = source.package.map(own.running) ?? own
    var counted = runner
    counted.lineCounts = bench?.coverage.map { _ in LuaLineCounts() }
    let script = Task { [counted] in
      try await counted.run(chunk, in: context, arguments: given.secrets.arguments(parameters))
    }
    // The tests' process has its signals for itself.
    let signals = bench == nil ? SignalWatch { script.cancel() } : nil
    let result = await script.result
    signals?.stop()
    bench?.cover(
      counted.lineCounts, chunks,
      script: source.absolutePath(in: configuration.process.folder).map { (chunk.name, $0) }, source.moduleFolder)
    var plan = ReleasePlan(
      id: planID, createdAt: began.text, createdBy: configuration.process.userAtHost, script: scriptSource,
      modules: sources.sources, parameters: given.plain, secretDigests: given.secretDigests,
      arguments: given.arguments, environment: settings.environment, isIsolated: configuration.isIsolated,
      gateway: ReleasePlan.Target(name: settings.gatewayName, identity: ""), seed: seed)
    let opened = await connections.opened()
    let findings = await PlanFindings(
      result: result, connections: opened, rehearsal: rehearsal, seconds: began.elapsed(until: now()),
      leases: leases(of: opened), isAssuming: !request.assumptions.isEmpty)
    for connection in opened { await plan.add(connection, isMain: connection.name == settings.gatewayName) }
    await connections.close()
    await web.close()
    plan.obstacle = findings.obstacle(mainGateway: settings.gatewayName)
    plan.summary = findings.document(plannedIDs: plannedIDs, output: written(), style: style)
    return Made(
      plan: plan, findings: findings, plannedIDs: plannedIDs, chunks: chunks, signal: signals?.received)
  }

  private func write(_ made: Made) throws -> ExitStatus {
    let (plan, findings) = (made.plan, made.findings)
    let text = PlanText(plan: plan, findings: findings, settings: settings, style: style, plannedIDs: made.plannedIDs)
    if settings.output == .table {
      StandardStream.output.write(text.text)
    } else {
      let result = CommandResult(event: "plan", document: plan.document, table: text.table)
      StandardStream.output.write(try result.text(settings.output))
    }
    if let failure = findings.failure {
      ErrorReport(error: failure, style: style, chunks: made.chunks).tell()
    }
    if let file = request.file {
      if let obstacle = plan.obstacle {
        StandardStream.error.write("\(style.bad) not saved: \(obstacle)\n")
      } else {
        try PlanFile(path: file).write(plan)
        if !settings.isQuiet {
          StandardStream.error.write(
            "  saved to \(file) (good until a draft, a version or \(plan.script.name) changes; usable once)\n"
              + rehearsalHint(plan, findings) + "  apply:                        apig-lua apply \(file)\n")
        }
      }
    } else if !settings.isQuiet, plan.obstacle == nil, !findings.changed.isEmpty {
      StandardStream.error.write("  to apply exactly this: save it with --out FILE, then apig-lua apply FILE\n")
    }
    return findings.status(tellsDifferences: request.tellsDifferences, signal: made.signal)
  }

  /// A rehearsal of the failure that matters most to the script: of a probe, else of a wave.
  private func rehearsalHint(_ plan: ReleasePlan, _ findings: PlanFindings) -> String {
    // Commands that are no scripts take no assumptions.
    guard plan.script.path != nil else { return "" }
    let spec: String? =
      if findings.costs.healthChecks > 0 {
        "health=fail:\(findings.costs.healthChecks)"
      } else if findings.stages.contains(where: { $0.wave != nil }) {
        "fail=wave:1"
      } else {
        findings.changed.first.map { "fail=api:\($0.apiName ?? $0.apiID)" }
      }
    return spec.map {
      "  see what a failure would do:  apig-lua plan \(plan.script.name) … --assume \($0.shellQuoted)\n"
    } ?? ""
  }

  /// A script's own output is no part of the result, which is the plan: it goes where messages go.
  private var scriptSettings: Settings {
    var settings = settings
    settings.output = .json
    return settings
  }

  /// How long a change takes to be in effect, in seconds; the local gateway's are at once.
  private var propagation: Double {
    guard settings.gatewayName != GatewayProfile.localName else { return 0 }
    return (settings.gateways[settings.gatewayName]?.propagation ?? .seconds(10)) / .seconds(1)
  }

  // MARK: - What the plan is made with

  private var scriptSource: ReleasePlan.Source {
    let text = String(decoding: chunk.source, as: UTF8.self)
    let digest = ContentDigest.hex(chunk.source)
    if let entryPoint = source.entryPointName {
      return ReleasePlan.Source(name: chunk.name, path: entryPoint, digest: digest)
    }
    guard case .file(let path) = source else {
      return ReleasePlan.Source(name: chunk.name, digest: digest, text: text)
    }
    let absolute = path.hasPrefix("/") ? path : configuration.process.folder + "/" + path
    return ReleasePlan.Source(name: chunk.name, path: absolute, digest: digest)
  }

  private struct Given {
    var plain: [String: String] = [:]
    var secrets = SecretParameters()
    var secretDigests: [String: String] = [:]
    var arguments: [String] = []
  }

  /// The parameters by name; what the playbook declares as secret only by its digest.
  private func given(_ runner: ScriptRunner, _ planID: String) async throws -> Given {
    // A script that fails before it has declared anything fails in the plan itself, too.
    guard let description = try? await configuration.description(of: chunk, runner: runner) else { return Given() }
    guard !description.parameters.isEmpty else {
      if !parameters.arguments.isEmpty || !parameters.named.isEmpty {
        _ = try SecretParameters(in: parameters, description: description, chunk: chunk)
      }
      let named = parameters.named.map { ($0.name, $0.value) }
      return Given(plain: Dictionary(named) { _, last in last }, arguments: parameters.arguments)
    }
    var given = Given(plain: try description.texts(of: parameters))
    given.secrets = try SecretParameters(in: parameters, description: description, chunk: chunk)
    given.secretDigests = given.secrets.digests(planID)
    for name in given.secrets.values.keys { given.plain[name] = nil }
    return given
  }

  /// Who holds the environments that the plan would change. What cannot be told is no reason to show no plan.
  private func leases(of connections: [PlanConnections.Connection]) async -> [Lease] {
    guard let journal = try? JournalFile.openExisting(settings.variables),
      let leases = try? await journal.leases(), !leases.isEmpty
    else { return [] }
    var held: [Lease] = []
    for connection in connections {
      let environments = Set(await connection.planning.verdicts().compactMap(\.environmentID))
      held += leases.filter {
        $0.fence.scope.gatewayID == connection.opened.identity
          && environments.contains($0.fence.scope.environmentID)
      }
    }
    return held
  }
}

extension ReleasePlan {
  /// Takes up what the script would do on a gateway.
  fileprivate mutating func add(_ connection: PlanConnections.Connection, isMain: Bool) async {
    guard isMain else { return }
    let planning = connection.planning
    gateway.identity = connection.opened.identity
    reads = await planning.reads()
    changes = await planning.changes
    otherChanges = await planning.otherChanges
    let ids = changes.flatMap { [$0.from, $0.to] }.compactMap(\.id)
    for id in ids { labels[id] = planning.plannedIDs.label(of: id) }
  }
}

extension Timestamp {
  /// Seconds from this moment to a later one.
  fileprivate func elapsed(until later: Timestamp) -> Double {
    Double(later.seconds - seconds) + Double(later.nanoseconds - nanoseconds) / 1e9
  }
}
