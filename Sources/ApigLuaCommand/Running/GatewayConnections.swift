internal import GatewayAPI
internal import GatewayClient
internal import ReleaseEngine

/// The gateways of one invocation, each opened when a script first turns to it and closed at the end.
actor GatewayConnections {
  private struct Connection {
    let run: ReleaseRun
    let locks: EnvironmentLocks?
    let opened: GatewayOpening.Opened
  }

  private let settings: Settings
  private let instruments: RunInstruments
  private let journal: RunJournaling?
  private let recorder: RunRecorder
  private let gate: ChangeGate
  private let scopes: UndoScopes
  private let approvals: Approvals?
  private let admission: (any ChangeAdmission)?
  private let bench: RunBench?
  private let onEvent: @Sendable (RunEvent) -> Void
  private let onRestore: @Sendable (APIChange) -> Void
  private let onClientEvent: @Sendable (ClientEvent) -> Void
  private var connections: [String: Task<Connection, any Error>] = [:]

  /// - Parameter journal: nil for what only looks: nothing is kept, and no environment locked.
  init(
    settings: Settings, instruments: RunInstruments, journal: RunJournaling?, gate: ChangeGate = ChangeGate(),
    recorder: RunRecorder? = nil, scopes: UndoScopes = UndoScopes(), approvals: Approvals? = nil,
    admission: (any ChangeAdmission)? = nil, bench: RunBench? = nil,
    onEvent: @escaping @Sendable (RunEvent) -> Void = { _ in },
    onRestore: @escaping @Sendable (APIChange) -> Void = { _ in },
    onClientEvent: @escaping @Sendable (ClientEvent) -> Void = { _ in }
  ) {
    self.settings = settings
    self.instruments = instruments
    self.journal = journal
    self.recorder = recorder ?? journal?.recorder ?? RunRecorder()
    self.gate = gate
    self.scopes = scopes
    self.approvals = approvals
    self.admission = admission
    self.bench = bench
    self.onEvent = onEvent
    self.onRestore = onRestore
    self.onClientEvent = onClientEvent
  }

  /// The run on a gateway.
  ///
  /// - Parameter name: nil for the one that this invocation works on.
  /// - Throws: ``ConfigurationError``, ``CredentialError``, ``UsageError`` for an unknown name.
  func run(_ name: String?) async throws -> ReleaseRun {
    let name = name ?? settings.gatewayName
    if let opening = connections[name] { return try await opening.value.run }
    // Unstructured, so that everyone who asks meanwhile waits for the one opening; `close` ends what it started.
    let opening = Task { try await open(name) }
    connections[name] = opening
    do {
      return try await opening.value.run
    } catch {
      // What failed once may work when a script tries again.
      if connections[name] == opening { connections[name] = nil }
      throw error
    }
  }

  /// The gateway itself: what it is asked is none of the run's doings.
  ///
  /// - Throws: as ``run(_:)``.
  func gateway(_ name: String) async throws -> any Gateway { try await opened(name).client }

  /// The gateway as it was opened: it is closed here.
  ///
  /// - Throws: as ``run(_:)``.
  func opened(_ name: String) async throws -> GatewayOpening.Opened {
    _ = try await run(name)
    guard let connection = try await connections[name]?.value else { throw CancellationError() }
    return connection.opened
  }

  /// What was changed on all gateways of this invocation.
  ///
  /// - Parameter asking: whether the gateways may be asked for the numbers of the new versions.
  func changes(asking: Bool) async -> RunChanges {
    var changes = RunChanges()
    for connection in await opened() {
      await connection.run.completeNames()
      if asking { await connection.run.readNewVersionNumbers() }
      let more = await connection.run.changes
      changes.apis += more.apis
      changes.others += more.others
    }
    return changes
  }

  /// Undoes the changes of a part of the run, one gateway after the other.
  ///
  /// - Throws: `JournalError`, ``EnvironmentHeld``.
  func undo(_ scope: UndoScope) async throws -> UndoReport {
    var report = UndoReport()
    for connection in await opened().reversed() {
      let part = try await connection.run.undo(scope)
      report.apis += part.apis
      report.others += part.others
    }
    return report
  }

  /// What the run has changed in a part of it, and still stands, on all gateways.
  func standing(in scope: UndoScope) async -> [APIChange] {
    var standing: [APIChange] = []
    for connection in await opened() { standing += await connection.run.standing(in: scope) }
    return standing
  }

  /// Ends a part of the run: others get the environments, but for those of a gateway where the end of a change is not
  /// known, and the run looks anew at what runs there.
  func endPart() async {
    for connection in await opened() {
      let isSettled = await connection.run.endPart()
      await connection.locks?.release(settled: isSettled)
    }
  }

  /// Gives back the locks of all environments.
  func releaseLocks() async {
    for connection in await opened() { await connection.locks?.release() }
  }

  /// What the clients of all gateways did, in sum.
  func statistics() async -> ClientStatistics {
    var sum = ClientStatistics()
    for connection in await opened() { sum.add(connection.opened.client.statistics) }
    return sum
  }

  /// How long after a change the slowest of the gateways that are open may still serve what ran before.
  func propagation() async -> Duration {
    var longest = Duration.zero
    for (name, opening) in connections where (try? await opening.value) != nil && name != GatewayProfile.localName {
      longest = max(longest, settings.gateways[name]?.propagation ?? .seconds(10))
    }
    return longest
  }

  /// Where the local gateway serves what is published, when the run works on it.
  func dataPlane() async throws -> String? {
    guard settings.gatewayName == GatewayProfile.localName else { return nil }
    _ = try await run(nil)
    return try await connections[settings.gatewayName]?.value.opened.server?.url
  }

  func close() async {
    for connection in await opened() {
      await connection.opened.close()
    }
    connections = [:]
  }

  private func opened() async -> [Connection] {
    var opened: [Connection] = []
    for (_, opening) in connections.sorted(by: { $0.key < $1.key }) {
      if let connection = try? await opening.value { opened.append(connection) }
    }
    return opened
  }

  private func open(_ name: String) async throws -> Connection {
    let opened = try await GatewayOpening(
      settings: settings, instruments: instruments, onClientEvent: onClientEvent, bench: bench
    ).open(name)
    var runConfiguration = ReleaseRun.Configuration()
    runConfiguration.markedAs = instruments.runID
    runConfiguration.maximumTries = settings.tries
    runConfiguration.gatewayName = name
    if let approvals {
      runConfiguration.beforeChange = { change, names in try await approvals.review(change, on: name, names) }
    }
    runConfiguration.gate = gate
    runConfiguration.onRestore = onRestore
    runConfiguration.scopes = scopes
    // What it did shows at once: nothing is between it and us.
    if let bench { runConfiguration.time = bench.time.monotonic }
    if opened.isLocal { runConfiguration.settleTime = .milliseconds(250) }
    if let admission {
      runConfiguration.admission = { try await admission.admit($0, on: opened.client, named: name) }
      runConfiguration.onEdit = { admission.noteEdit(of: $0, at: $1) }
    }
    var lockConfiguration = EnvironmentLocks.Configuration()
    lockConfiguration.patience = settings.lockTimeout
    lockConfiguration.onEvent = { [onEvent] event in
      // Who works on the local gateway shares it with nobody, and need not be told that it is free.
      if case .didLock = event, opened.isLocal { return }
      onEvent(event)
    }
    let locks = journal.map { journal in
      EnvironmentLocks(
        store: journal.store, recorder: journal.recorder, run: journal.record, gatewayID: opened.identity,
        gatewayName: name, configuration: lockConfiguration)
    }
    if !instruments.isReplaying { runConfiguration.locks = locks }
    let run = ReleaseRun(
      gateway: opened.client, configuration: runConfiguration, recorder: recorder,
      onEvent: onEvent)
    return Connection(run: run, locks: locks, opened: opened)
  }
}
