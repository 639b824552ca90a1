internal import GatewayAPI
internal import ReleaseEngine

/// Holds one request that publishes to its conditions, before it is sent.
struct PublicationCheck: Sendable {
  let call: OperationCall
  let options: CallOptions
  let descriptor: OperationDescriptor

  /// - Parameter values: of the operation's fields.
  /// - Returns: whether there is something to publish.
  /// - Throws: `GatewayError` of kind `refused` when an API is not what it must be.
  func allows(_ values: [String: Document]) async throws -> Bool {
    guard publishes(values), let environmentID = values["env_id"]?.stringValue else { return true }
    let conditions = try await PublicationConditions(options, of: call, environmentID: environmentID)
    guard !conditions.areNone else { return true }
    let apiIDs = try await apiIDs(values)
    let sorted = try await conditions.sort(apiIDs)
    guard sorted.refused.isEmpty else { throw conditions.refusal(sorted.refused, of: apiIDs.count) }
    return !sorted.wanted.isEmpty
  }

  private func publishes(_ values: [String: Document]) -> Bool {
    descriptor.batchAction == .online
      || (descriptor.name == Batch.descriptor.name && values["action"]?.stringValue == Batch.Action.online.rawValue)
  }

  private func apiIDs(_ values: [String: Document]) async throws -> [String] {
    if let id = values["api_id"]?.stringValue { return [id] }
    if let ids = values["apis"]?.arrayValue { return ids.compactMap(\.stringValue) }
    var list = ListAPIs()
    list.groupID = values["group_id"]?.stringValue
    return try await call.run.all(list).items.compactMap(\.id)
  }
}
