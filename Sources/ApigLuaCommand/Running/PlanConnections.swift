internal import GatewayAPI
internal import GatewayClient
internal import GatewayScripting
internal import ReleaseEngine

/// The gateways of a plan: each is read, and what the script would change on it is kept beside it.
actor PlanConnections {
  struct Connection: Sendable {
    let name: String
    let opened: GatewayOpening.Opened
    let planning: PlanningGateway
    let run: ReleaseRun
  }

  private let opening: GatewayOpening
  private let lent: (@Sendable (String) async throws -> GatewayOpening.Opened)?
  private let rehearsal: Rehearsal
  private let plannedIDs: PlannedIDs
  private let recorder: RunRecorder
  private let scopes: UndoScopes
  private let approvals: Approvals
  private var connections: [String: Task<Connection, any Error>] = [:]

  /// - Parameter lent: gives gateways that are open already and stay so; nil for gateways of the plan's own.
  init(
    _ opening: GatewayOpening, lent: (@Sendable (String) async throws -> GatewayOpening.Opened)? = nil,
    rehearsal: Rehearsal, plannedIDs: PlannedIDs, recorder: RunRecorder, scopes: UndoScopes, approvals: Approvals
  ) {
    self.opening = opening
    self.lent = lent
    self.rehearsal = rehearsal
    self.plannedIDs = plannedIDs
    self.recorder = recorder
    self.scopes = scopes
    self.approvals = approvals
  }

  /// - Parameter name: nil for the one that this invocation works on.
  func connection(_ name: String?) async throws -> Connection {
    let name = name ?? opening.settings.gatewayName
    if let opening = connections[name] { return try await opening.value }
    // Unstructured, so that everyone who asks meanwhile waits for the one opening; `close` ends what it started.
    let opening = Task { try await open(name) }
    connections[name] = opening
    do {
      return try await opening.value
    } catch {
      if connections[name] == opening { connections[name] = nil }
      throw error
    }
  }

  func undo(_ scope: UndoScope) async throws -> UndoReport {
    var report = UndoReport()
    for connection in await opened().reversed() {
      let part = try await connection.run.undo(scope)
      report.apis += part.apis
      report.others += part.others
    }
    return report
  }

  func opened() async -> [Connection] {
    var opened: [Connection] = []
    for (_, opening) in connections.sorted(by: { $0.key < $1.key }) {
      if let connection = try? await opening.value { opened.append(connection) }
    }
    return opened
  }

  /// Where the local gateway serves what is published, when the plan is for it.
  func dataPlane() async throws -> String? {
    guard opening.settings.gatewayName == GatewayProfile.localName else { return nil }
    return try await connection(nil).opened.server?.url
  }

  func close() async {
    if lent == nil {
      for connection in await opened() { await connection.opened.close() }
    }
    connections = [:]
  }

  private func open(_ name: String) async throws -> Connection {
    let opened = if let lent { try await lent(name) } else { try await opening.open(name) }
    let planning = PlanningGateway(live: opened.client, plannedIDs: plannedIDs) { [rehearsal] in
      rehearsal.failure(ofChange: $0, name: $1)
    }
    var configuration = ReleaseRun.Configuration()
    configuration.gatewayName = name
    // As long as that of the run will be, so that a remark that does not fit is found.
    configuration.markedAs = opening.instruments.runID
    configuration.scopes = scopes
    // What is denied is refused in a plan, too; what would be asked is taken for granted.
    configuration.beforeChange = { [approvals] change, names in
      try await approvals.review(change, on: name, names)
    }
    // A plan reads the history of whatever it changes, for what its undo could do; what it saw stays good until it is
    // applied, when it is looked at again.
    configuration.maximumVersionReads = .max
    configuration.freshness = .seconds(86_400)
    let run = ReleaseRun(gateway: planning, configuration: configuration, recorder: recorder)
    return Connection(name: name, opened: opened, planning: planning, run: run)
  }
}
