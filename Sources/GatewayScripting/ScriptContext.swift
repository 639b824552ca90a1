public import GatewayAPI
public import LuaRuntime
public import ReleaseEngine

/// Facts of the run that scripts can read as `apig.run`.
public struct RunFacts: Sendable {
  public var id: String
  public var user: String
  /// RFC 3339, UTC.
  public var startedAt: String
  /// Name of the gateway that the run works on.
  public var gateway: String
  /// Name of the environment for calls that name none.
  public var environment: String?
  /// What is left of every selection; no fact that scripts see.
  public var narrowing = Narrowing()

  public init(id: String, user: String, startedAt: String, gateway: String, environment: String? = nil) {
    self.id = id
    self.user = user
    self.startedAt = startedAt
    self.gateway = gateway
    self.environment = environment
  }
}

/// Where a script's output goes.
public protocol ScriptOutput: Sendable {
  /// What one `print` wrote, its newline included.
  func print(_ text: LuaString)
  func log(_ level: ScriptLogLevel, _ message: String)
  /// `apig.report.table`: rows of cells under column titles.
  func report(_ table: ReportTable)
  /// `apig.report.markdown`.
  func report(markdown text: String)
  /// `apig.report.value`.
  func report(value: Document)
  /// How far the script is; what nobody shows may be dropped.
  func note(_ event: ScriptEvent)
  /// How far an earlier process had come, told again while its journal is replayed; what nobody shows may be dropped.
  func restore(_ event: ScriptEvent)
}

extension ScriptOutput {
  public func note(_ event: ScriptEvent) {}
  public func restore(_ event: ScriptEvent) {}
}

/// How much a message of a script matters: `apig.log`.
public enum ScriptLogLevel: String, Sendable, CaseIterable {
  case debug, info, warn, error
}

/// A table of a script for people: `apig.report.table`.
public struct ReportTable: Sendable, Hashable {
  public var columns: [String]
  public var rows: [[String]]

  public init(columns: [String], rows: [[String]]) {
    self.columns = columns
    self.rows = rows
  }
}

/// What a script runs in: its run, the gateways it reaches, its parameters and its output.
public struct ScriptContext: Sendable {
  public enum Mode: String, Sendable {
    case run
    /// Changes are planned, not made: see `PlanningGateway`.
    case plan
    /// Only as far as the declaration of the parameters: for a playbook's help.
    case describe
  }

  public let mode: Mode
  public let facts: RunFacts
  public internal(set) var parameters: ParameterValues
  /// Names of the parameters whose values nothing keeps; nil where nothing is kept at all, or all of it is closed.
  public var closedParameters: Set<String>?
  public let output: any ScriptOutput
  /// Through it passes whatever a script asks of the world.
  public let recorder: RunRecorder
  /// In a plan, the IDs that exist only after apply.
  public let plannedIDs: PlannedIDs?
  /// The environment whose versions alone may be published into another, by the configuration: `promote_from`.
  ///
  /// Gets the gateway's name, nil for the run's own, and the environment's name; answers with a name.
  public let promotionSource: PromotionSource?
  /// Of `math.random`: a replayed script is given the one that it had.
  public internal(set) var seed: UInt64
  public internal(set) var surroundings: ScriptSurroundings
  /// The parts of the script whose changes are undone when they fail.
  public let scopes: UndoScopes
  /// Undoes the changes of a part of the script, on all gateways.
  public let undo: @Sendable (UndoScope) async throws -> UndoReport
  /// The run on a gateway by its name; nil for the run's own.
  public internal(set) var run: @Sendable (String?) async throws -> ReleaseRun
  /// Whose code runs in it.
  public var principal = Principal.script
  /// Whether another's script calls it: that script's parameters and its end are none of its business.
  var isCalled = false
  /// The environment for calls that name none; that of the run's facts, unless somebody changes it meanwhile.
  public var defaultEnvironment: @Sendable () -> String?
  /// Where a session is, which may move to another gateway and environment; nil for a script, which stays where its
  /// facts say.
  public var place: (@Sendable () -> (gateway: String, environment: String?))?
  /// Of all code that runs in it or is called from it.
  let openedSecrets = OpenedSecrets()
  /// Is told of each call of a gateway function: the operation's name, or `select`; what it throws fails the call.
  public var onCall: @Sendable (String) throws -> Void = { _ in }
  /// Is asked before a request is sent that changes something elsewhere; what it throws fails the call.
  public var beforeRequest: @Sendable (RecordedCall) throws -> Void = { _ in }

  public init(
    mode: Mode = .run, facts: RunFacts, parameters: ParameterValues = ParameterValues(),
    output: any ScriptOutput, recorder: RunRecorder = RunRecorder(), plannedIDs: PlannedIDs? = nil,
    promotionSource: PromotionSource? = nil,
    seed: UInt64 = .random(in: .min ... .max), surroundings: ScriptSurroundings = ScriptSurroundings(),
    scopes: UndoScopes = UndoScopes(),
    undo: @escaping @Sendable (UndoScope) async throws -> UndoReport = { _ in UndoReport() },
    run: @escaping @Sendable (String?) async throws -> ReleaseRun
  ) {
    self.mode = mode
    self.facts = facts
    self.parameters = parameters
    self.output = output
    self.recorder = recorder
    self.plannedIDs = plannedIDs
    self.promotionSource = promotionSource
    self.seed = seed
    self.surroundings = surroundings
    self.scopes = scopes
    self.undo = undo
    self.run = run
    defaultEnvironment = { facts.environment }
  }

  var plannedValues: PlannedValues { PlannedValues(ids: plannedIDs) }

  /// Returns when the code may do something.
  ///
  /// - Parameter object: what it is about; empty for what is about nothing.
  /// - Throws: `GatewayError` of kind `refused`; `CancellationError`.
  func require(_ kind: Permission.Kind, _ object: String = "") async throws {
    try beforeGatewayCall()
    switch surroundings.permissions.verdict(on: kind, object.isEmpty ? [] : [object], for: principal) {
    case .granted: return
    case .refused(let error): throw error
    case .missing: try await surroundings.permit(Permission(kind, object))
    }
  }

  /// A description ends where the script turns to a gateway: what comes behind is no declaration.
  func beforeGatewayCall() throws {
    if mode == .describe { throw LuaStop(DescriptionEnded(parameters: nil)) }
  }
}

/// Ends a run in describe mode.
struct DescriptionEnded: Error {
  let parameters: [ParameterDeclaration]?
}

/// The environment, by name or ID, whose versions alone may be published into another; nil where any may.
///
/// - Parameters:
///   - gateway: its name; nil for the run's own.
///   - id: the environment that is published into.
///   - name: the gateway's name for it.
public typealias PromotionSource = @Sendable (_ gateway: String?, _ id: String, _ name: String) -> String?
