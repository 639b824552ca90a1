public import GatewayAPI

extension EnvironmentSnapshot {
  /// Reads what an environment runs: a page for every 500 APIs, and two requests for each API that is published there.
  ///
  /// - Parameters:
  ///   - environment: ID and name.
  ///   - group: ID and name of the only group to look at; nil for all.
  ///   - gatewayName: what the snapshot says of where it was taken.
  /// - Throws: what the gateway answers; a snapshot is whole or there is none.
  public init(
    of environment: (id: String, name: String), group: (id: String, name: String)? = nil, on gateway: any Gateway,
    named gatewayName: String, at moment: Timestamp
  ) async throws {
    var list = ListAPIs()
    list.environmentID = environment.id
    list.groupID = group?.id
    let apis = try await gateway.all(list).items
    let entries = try await apis.concurrentlyMapped { api in
      try await Entry(api, in: environment.id, on: gateway)
    }
    self.init(
      gateway: gatewayName, environmentID: environment.id, environmentName: environment.name, group: group?.name,
      takenAt: moment.text,
      entries: entries.compactMap(\.self).sorted { ($0.group ?? "", $0.name ?? "") < ($1.group ?? "", $1.name ?? "") })
  }
}

extension EnvironmentSnapshot.Entry {
  /// nil for an API that was taken offline after it was listed.
  fileprivate init?(_ api: API, in environmentID: String, on gateway: any Gateway) async throws {
    guard let apiID = api.id else { return nil }
    let history = try await gateway.all(History(apiID: apiID, environmentID: environmentID)).items
    guard let effective = history.first(where: \.isEffective), let versionID = effective.versionID else { return nil }
    let definition = try await gateway.perform(GetVersion(versionID: versionID))
    self.init(
      apiID: apiID, name: api.name, group: api.document["group_name"]?.stringValue, versionID: versionID,
      versionNumber: effective.versionNumber, publishTime: effective.publishTime,
      digest: ContentDigest.hex(definition.content.json))
  }
}
