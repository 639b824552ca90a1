internal import GatewayAPI

/// Finds out what became of a change whose answer was lost, by asking the gateway: never by guessing.
///
/// A publication is recognized by its remark, which no other has (``RunMarks``); for a switch and an offline the state
/// itself tells.
struct ChangeSettler: Sendable {
  let gateway: any Gateway
  /// After it, a change that does not show will not come any more.
  let settleTime: Duration
  let sleep: @Sendable (Duration) async throws -> Void

  enum Settled<Output: Sendable>: Sendable {
    case applied(Output)
    case notApplied
  }

  /// - Returns: nil for an operation that leaves no trace to go by.
  /// - Throws: `GatewayError` when the gateway cannot be asked; `CancellationError`.
  func settle<Operation: GatewayOperation>(_ operation: Operation) async throws -> Settled<Operation.Output>? {
    guard let trace = Trace(operation) else { return nil }
    guard let publication = try await publication(trace) else { return .notApplied }
    return (publication as? Operation.Output).map { .applied($0) }
  }

  /// The APIs of a batch by what became of them.
  struct SettledBatch: Sendable {
    var applied: [Publication] = []
    var notApplied: [String] = []
    /// The gateway could not be asked about them.
    var unknown: [String] = []
  }

  func settle(batch: Batch) async -> SettledBatch {
    await withTaskGroup(of: (String, Settled<Publication>?).self) { group in
      for apiID in batch.apiIDs ?? [] {
        group.addTask {
          guard let trace = Trace(batch, apiID: apiID) else { return (apiID, nil) }
          do {
            return (apiID, try await publication(trace).map { .applied($0) } ?? .notApplied)
          } catch {
            return (apiID, nil)
          }
        }
      }
      return await group.reduce(into: SettledBatch()) { batch, settled in
        switch settled.1 {
        case .applied(let publication)?: batch.applied.append(publication)
        case .notApplied?: batch.notApplied.append(settled.0)
        case nil: batch.unknown.append(settled.0)
        }
      }
    }
  }

  /// What a change left behind: looked for at once, and again when the time is up.
  private func publication(_ trace: Trace) async throws -> Publication? {
    if let publication = try await look(trace) { return publication }
    try await sleep(settleTime)
    return try await look(trace)
  }

  private func look(_ trace: Trace) async throws -> Publication? {
    do {
      let history = try await gateway.all(History(apiID: trace.apiID, environmentID: trace.environmentID)).items
      return trace.publication(in: history)
    } catch let error as GatewayError where error.kind == .notFound && error.code != nil {
      // The gateway answered: what is deleted runs nowhere, and what it says to another try is the API's failure.
      return nil
    }
  }
}

/// What to look for in an API's history.
struct Trace: Sendable {
  private enum Sign: Sendable {
    case remark(String)
    case effective(versionID: String)
    case nothingEffective
  }

  let apiID: String
  /// nil when only the version tells.
  let environmentID: String?
  private let sign: Sign

  init?(_ operation: some GatewayOperation) {
    switch operation {
    case let publish as Publish: self.init(publish.apiID, publish.environmentID, marked: publish.remark)
    case let offline as Offline:
      self.init(apiID: offline.apiID, environmentID: offline.environmentID, sign: .nothingEffective)
    case let change as SwitchVersion:
      self.init(
        apiID: change.apiID, environmentID: change.environmentID, sign: .effective(versionID: change.versionID))
    default: return nil
    }
  }

  init?(_ batch: Batch, apiID: String) {
    switch batch.action {
    case .online: self.init(apiID, batch.environmentID, marked: batch.remark)
    case .offline: self.init(apiID: apiID, environmentID: batch.environmentID, sign: .nothingEffective)
    case nil: return nil
    }
  }

  private init?(_ apiID: String, _ environmentID: String, marked remark: String?) {
    guard let remark, remark.contains(/(^| )al:\w+:\d+$/) else { return nil }
    self.init(apiID: apiID, environmentID: environmentID, sign: .remark(remark))
  }

  private init(apiID: String, environmentID: String?, sign: Sign) {
    self.apiID = apiID
    self.environmentID = environmentID
    self.sign = sign
  }

  /// The record that the lost answer would have been, as far as the history tells; nil when the change does not show.
  func publication(in history: [APIVersion]) -> Publication? {
    switch sign {
    case .remark(let remark):
      return history.first { $0.document["remark"]?.stringValue == remark }.map(publication(of:))
    case .effective(let versionID):
      return history.first { $0.versionID == versionID && $0.isEffective }.map(publication(of:))
    case .nothingEffective:
      guard !history.contains(where: \.isEffective) else { return nil }
      return .offline(apiID: apiID, environmentID: environmentID)
    }
  }

  private func publication(of version: APIVersion) -> Publication {
    var members: [String: Document] = ["api_id": .string(apiID)]
    for name in ["env_id", "remark", "publish_time", "version_id"] { members[name] = version.document[name] }
    return Publication(document: .object(members))
  }
}

extension Publication {
  /// The record of an API that is offline: no version is in effect.
  static func offline(apiID: String, environmentID: String?) -> Publication {
    Publication(document: ["api_id": .string(apiID), "env_id": environmentID.map(Document.string) ?? .null])
  }
}
