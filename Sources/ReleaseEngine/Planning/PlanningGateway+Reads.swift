internal import GatewayAPI

/// Reads, as they would be after the changes planned so far.
extension PlanningGateway {
  func read(_ list: ListAPIs) async throws -> Page<API> {
    let touched = overlay.filter { $0.value.isTouched }
    if let environmentID = list.environmentID, touched.contains(where: { $0.key.environmentID == environmentID }) {
      // The live gateway does not know what is published there now: it is asked for all, and they are chosen here.
      var all = list
      all.environmentID = nil
      all.offset = nil
      all.limit = nil
      let apis = try await live.all(all).items
      note(apis)
      let chosen = apis.map(overlaid).filter { $0.publishing(in: environmentID) != nil }
      return page(chosen, offset: list.offset, limit: list.limit)
    }
    var page = try await live.perform(list)
    note(page.items)
    page.items = page.items.map(overlaid)
    return page
  }

  private func overlaid(_ api: API) -> API {
    guard let id = api.id else { return api }
    var api = api
    if let draft = drafts[id], var members = api.document.objectValue {
      for (name, value) in draft.document.objectValue ?? [:] where members[name] != nil { members[name] = value }
      api = API(document: .object(members))
    }
    return api.overlaid(with: overlay.filter { $0.key.apiID == id }.map(\.value))
  }

  func read(_ history: History) async throws -> Page<APIVersion> {
    let states = overlay.filter { $0.key.apiID == history.apiID && $0.value.isTouched }
    var versions: [APIVersion]
    if let environmentID = history.environmentID, let state = overlay[Key(history.apiID, environmentID)],
      state.isTouched
    {
      versions = state.history
    } else {
      versions = try await liveHistory(of: history.apiID, in: history.environmentID)
    }
    if history.environmentID == nil, !states.isEmpty {
      let made = states.values.flatMap(\.history).filter { $0.versionID.map(PlannedIDs.isPlanned) ?? false }
      let kept = Dictionary(
        states.values.flatMap(\.history).compactMap { version in version.versionID.map { ($0, version) } },
        uniquingKeysWith: { first, _ in first })
      let touched = Set(states.keys.map(\.environmentID))
      versions =
        made.sorted { ($0.versionID ?? "") > ($1.versionID ?? "") }
        + versions.compactMap { version in
          guard let id = version.versionID, touched.contains(version.environmentID ?? "") else { return version }
          return kept[id]
        }
    }
    if let name = history.environmentName { versions = versions.filter { $0.environmentName == name } }
    return page(versions, offset: history.offset, limit: history.limit)
  }

  func draft(_ apiID: String) async throws -> APIDefinition {
    if let draft = drafts[apiID] { return draft }
    var get = GetAPI()
    get.apiID = apiID
    return try await live.perform(get)
  }

  func definition(of versionID: String) async throws -> APIDefinition {
    guard PlannedIDs.isPlanned(versionID) else { return try await live.perform(GetVersion(versionID: versionID)) }
    guard let apiID = plannedIDs.apiID(of: versionID) else {
      throw GatewayError.expected(.versionNotFound, "The API version does not exist,id:\(versionID)")
    }
    let draft =
      if let frozen = frozenDrafts[versionID] { frozen } else { try await liveDraft(apiID) }
    var members = draft.document.objectValue ?? [:]
    members["version_id"] = .string(versionID)
    return APIDefinition(document: .object(members))
  }

  private func liveDraft(_ apiID: String) async throws -> APIDefinition {
    var get = GetAPI()
    get.apiID = apiID
    return try await live.perform(get)
  }

  func read(_ get: GetRuntimeDefinition) async throws -> APIDefinition {
    let environmentID = get.environmentID ?? GatewayEnvironment.releaseID
    guard let state = overlay[Key(get.apiID, environmentID)], state.isTouched else {
      return try await live.perform(get)
    }
    guard let versionID = state.effective.id else { throw GatewayError.notPublished(get.apiID) }
    return try await definition(of: versionID)
  }

  func read(_ export: Export) async throws -> ExportedDocument {
    let isMeant = { (apiID: String) in
      export.apiIDs?.contains(apiID) ?? (self.seen[apiID]?.groupID.map { $0 == export.groupID } ?? true)
    }
    if export.define == .dev {
      if let apiID = drafts.keys.first(where: isMeant) {
        throw CannotKnowUntilApply("the export of drafts that the plan edits", apiID: apiID)
      }
    } else if let (key, state) = overlay.first(where: {
      $0.key.environmentID == export.environmentID && $0.value.isTouched && isMeant($0.key.apiID)
    }) {
      throw CannotKnowUntilApply(
        "the export of what \(state.environmentName ?? key.environmentID) runs after the plan's changes",
        apiID: key.apiID)
    }
    return try await live.perform(export)
  }

  /// A part of a list with the gateway's own rules for `offset` and `limit`.
  private func page<Element: GatewayRecord>(_ items: [Element], offset: Int?, limit: Int?) -> Page<Element> {
    let size = min(limit.flatMap { $0 > 0 ? $0 : nil } ?? 20, maximumPageSize)
    let part = items.dropFirst(max(0, offset ?? 0)).prefix(size)
    var page = Page<Element>(document: .null)
    page.items = Array(part)
    page.total = items.count
    return page
  }
}

extension PlanningGateway.Key {
  init(_ apiID: String, _ environmentID: String) { self.init(apiID: apiID, environmentID: environmentID) }
}
