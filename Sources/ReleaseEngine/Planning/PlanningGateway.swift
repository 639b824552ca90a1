public import GatewayAPI
internal import RunJournal

/// A gateway on which a script can be tried: reads are the live gateway's, changes go to an overlay and never leave.
///
/// The overlay is the state machine that the local gateway runs, begun with what was read of an API when it is first
/// changed. Reads behind a change show it. What cannot be shown ends the plan: ``CannotKnowUntilApply``.
public actor PlanningGateway: Gateway {
  struct Key: Hashable, Sendable {
    let apiID: String
    let environmentID: String
  }

  public nonisolated let product: GatewayProduct
  public nonisolated let plannedIDs: PlannedIDs
  let live: any Gateway
  /// Why a change of an API is to fail, as somebody assumes.
  private let assumedFailure: @Sendable (_ apiID: String, _ name: String?) -> GatewayError?
  private let now: @Sendable () -> Timestamp

  var overlay: [Key: OverlaidAPI] = [:]
  /// Drafts that the script edited.
  var drafts: [String: APIDefinition] = [:]
  /// The edited drafts that planned versions froze; a version of a draft as it is needs none.
  var frozenDrafts: [String: APIDefinition] = [:]
  /// What lists told of APIs, the first time each.
  var seen: [String: API] = [:]
  /// Histories as read last.
  private var histories: [String: [String?: [APIVersion]]] = [:]
  private var environments: [GatewayEnvironment]?
  /// What the script would change, in its order.
  public private(set) var changes: [PlannedChange] = []
  public private(set) var otherChanges: [PlannedOtherChange] = []
  /// How many requests the changes would take.
  public private(set) var changeRequests = 0

  /// - Parameters:
  ///   - live: is only read.
  ///   - plannedIDs: takes the IDs of what exists only after apply.
  ///   - assumedFailure: why a change of an API is to fail; nil where it is not.
  public init(
    live: any Gateway, plannedIDs: PlannedIDs = PlannedIDs(),
    assumedFailure: @escaping @Sendable (_ apiID: String, _ name: String?) -> GatewayError? = { _, _ in nil },
    now: @escaping @Sendable () -> Timestamp = { Timestamp.now() }
  ) {
    self.live = live
    self.plannedIDs = plannedIDs
    self.assumedFailure = assumedFailure
    self.now = now
    product = live.product
  }

  /// - Throws: `GatewayError`, for a change the one that is to be expected of the gateway; ``CannotKnowUntilApply``.
  public func perform<Operation: GatewayOperation>(_ operation: Operation) async throws -> Operation.Output {
    let output: any OperationOutput
    do {
      if Operation.descriptor.effect == .write {
        // What the client would not send is refused in its words.
        _ = try operation.request(
          for: GatewayAddress(projectID: "plan", product: product, instanceID: "plan"))
        changeRequests += 1
      }
      switch operation {
      case let publish as Publish: output = try await plan(publish)
      case let offline as Offline: output = try await plan(offline)
      case let batch as Batch: output = try await plan(batch)
      case let change as SwitchVersion: output = try await plan(change)
      case let update as UpdateAPI: output = try await plan(update)
      case let list as ListAPIs: output = try await read(list)
      case let history as History: output = try await read(history)
      case let get as GetAPI: output = try await draft(get.apiID)
      case let get as GetVersion: output = try await definition(of: get.versionID)
      case let get as GetRuntimeDefinition: output = try await read(get)
      case let export as Export: output = try await read(export)
      case is DebugAPI: throw CannotKnowUntilApply("the answer of an API that is called")
      default:
        guard Operation.descriptor.effect == .read else {
          throw CannotKnowUntilApply("what comes after \(Operation.descriptor.name)")
        }
        output = try await live.perform(operation)
      }
    } catch var error as GatewayError {
      error.operation = error.operation ?? Operation.descriptor.name
      throw error
    }
    guard let output = output as? Operation.Output else {
      throw GatewayError(
        kind: .unavailable, message: "the plan answers \(Operation.descriptor.name) with another kind of record")
    }
    return output
  }

  // MARK: - What is read for a change

  /// An API in an environment, as overlaid; read first where that was not done. The API must have been ``see(_:)``n.
  ///
  /// - Throws: `GatewayError` as the gateway answers when API or environment do not exist.
  func state(of apiID: String, in environmentID: String) async throws -> OverlaidAPI {
    let key = Key(apiID: apiID, environmentID: environmentID)
    if let known = overlay[key] { return known }
    guard seen[apiID] != nil else { throw GatewayError.expected(.apiNotFound, "API \(apiID) does not exist") }
    guard let name = try await environment(environmentID)?.name else {
      throw GatewayError.expected(.environmentNotFound, "The environment does not exist,id:\(environmentID)")
    }
    let history = try await history(of: apiID, in: environmentID)
    // Somebody may have been quicker while it was read.
    if let known = overlay[key] { return known }
    let state = OverlaidAPI(environmentID: environmentID, environmentName: name, history: history)
    overlay[key] = state
    return state
  }

  /// As it was read last; read now where it was not.
  func history(of apiID: String, in environmentID: String?) async throws -> [APIVersion] {
    if let known = histories[apiID]?[environmentID] { return known }
    if let environmentID, let all = histories[apiID]?[nil] {
      return all.filter { $0.environmentID == environmentID }
    }
    return try await liveHistory(of: apiID, in: environmentID)
  }

  func liveHistory(of apiID: String, in environmentID: String?) async throws -> [APIVersion] {
    let versions = try await live.all(History(apiID: apiID, environmentID: environmentID)).items
    histories[apiID, default: [:]][environmentID] = versions
    return versions
  }

  /// nil for one that the gateway does not have.
  func environment(_ id: String) async throws -> GatewayEnvironment? {
    if environments == nil { environments = try await live.all(ListEnvironments()).items }
    return environments?.first { $0.id == id }
  }

  /// Makes sure that it is known what lists tell of these APIs: their names and how their drafts stand.
  func see(_ apiIDs: [String]) async throws {
    let unseen = apiIDs.filter { seen[$0] == nil }
    guard !unseen.isEmpty else { return }
    // One page tells of 500 APIs; a few are quicker asked for one by one.
    if unseen.count > 5 {
      note(try await live.all(ListAPIs()).items)
    } else {
      for id in unseen {
        var list = ListAPIs()
        list.id = id
        note(try await live.all(list).items)
      }
    }
  }

  func note(_ apis: [API]) {
    for api in apis {
      if let id = api.id, seen[id] == nil { seen[id] = api }
    }
  }

  func name(of apiID: String) -> String? { seen[apiID]?.name }

  /// The time that a planned change bears: never before the draft it takes.
  func time(for apiID: String) -> String {
    let update = drafts[apiID]?.document["update_time"]?.stringValue ?? seen[apiID]?.updateTime
    return max(now(), update.flatMap(Timestamp.init(_:)) ?? now()).text
  }

  // MARK: - What is planned

  /// How much is planned so far.
  public struct Mark: Sendable, Hashable {
    public var changes = 0
    public var otherChanges = 0
    public var requests = 0

    public init() {}
  }

  public func mark() -> Mark {
    var mark = Mark()
    mark.changes = changes.count
    mark.otherChanges = otherChanges.count
    mark.requests = changeRequests
    return mark
  }

  func assumedFailure(of apiID: String) -> GatewayError? {
    // What is put back is assumed to work: the question is what a failure would leave.
    RequestUrgency.current == .undo ? nil : assumedFailure(apiID, name(of: apiID))
  }

  func note(_ change: PlannedChange) { changes.append(change) }

  func note(_ change: PlannedOtherChange) { otherChanges.append(change) }
}
