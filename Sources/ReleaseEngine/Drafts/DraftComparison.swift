public import GatewayAPI

/// Finds out whether drafts are what an environment runs.
///
/// Times decide wherever they can. A list tells when a draft was last edited and when the version in effect became so:
///
/// - edited since then: the draft is another. No request.
/// - never edited since the API was made: there is only one definition of it. No request.
/// - edited before: the draft is the same if it was *published* then, but not if an older version was switched to. The
///   history tells which: one request for each such API, as many at once as the client allows.
public struct DraftComparison: Sendable {
  private let gateway: any Gateway

  public init(gateway: any Gateway) { self.gateway = gateway }

  /// - Parameters:
  ///   - apis: as a list gives them now.
  ///   - environmentID: whose versions they are compared with.
  ///   - readingDefinitions: whether a draft that was edited is read and compared with what runs, two requests for each:
  ///     it may have been saved without a change. Otherwise it counts as different, which costs a needless publication
  ///     at worst.
  /// - Returns: one for each of `apis`, in their order.
  /// - Throws: what the gateway answers.
  public func standings(
    of apis: [API], in environmentID: String, readingDefinitions: Bool = false
  ) async throws -> [DraftStanding] {
    try await apis.concurrentlyMapped { api in
      let standing = try await standing(of: api, in: environmentID)
      guard readingDefinitions, case .different = standing, let id = api.id else { return standing }
      return try await isSameDefinition(id, in: environmentID) ? .same : standing
    }
  }

  private func standing(of api: API, in environmentID: String) async throws -> DraftStanding {
    guard let publishing = api.publishing(in: environmentID) else { return .notRunning }
    let different = DraftStanding.different(edited: api.updateTime)
    guard let id = api.id, let edited = api.updateTime.flatMap(Timestamp.init(_:)),
      let effective = publishing.publishTime.flatMap(Timestamp.init(_:)), edited <= effective
    else { return different }
    if api.document["register_time"]?.stringValue.flatMap(Timestamp.init(_:)) == edited { return .same }
    let history = try await gateway.all(History(apiID: id, environmentID: environmentID)).items
    guard let running = history.first(where: { $0.isEffective && $0.environmentID ?? environmentID == environmentID })
    else { return .notRunning }
    guard let published = running.publishTime.flatMap(Timestamp.init(_:)), edited <= published else { return different }
    return .same
  }

  private func isSameDefinition(_ apiID: String, in environmentID: String) async throws -> Bool {
    var runtime = GetRuntimeDefinition()
    runtime.apiID = apiID
    runtime.environmentID = environmentID
    let draft = try await gateway.perform(GetAPI(apiID: apiID))
    return try await gateway.perform(runtime).content == draft.content
  }
}
