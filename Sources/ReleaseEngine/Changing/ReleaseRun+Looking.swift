internal import GatewayAPI

/// What is looked at before a change: what runs now, for the undo, and whether someone else has changed it.
extension ReleaseRun {
  struct ForeignChange: Sendable {
    let apiID: String
    let name: String?
    let reason: String
  }

  /// The targets with the environment that a version belongs to, where a switch does not name it: what is protected,
  /// locked and looked at is the environment.
  ///
  /// Journalled, for a replay must know it, too.
  func located(_ targets: ChangeTargets) async throws -> ChangeTargets {
    guard configuration.beforeChange != nil || configuration.locks != nil, targets.environmentID == nil,
      let versionID = targets.versionID, let apiID = targets.apiIDs.first
    else { return targets }
    let reads = RecordedReads(
      gateway: gateway, name: configuration.gatewayName, recorder: recorder, branch: "versions")
    let history = try await reads.all(History(apiID: apiID, environmentID: nil)).items
    guard let version = history.first(where: { $0.versionID == versionID }), let id = version.environmentID else {
      return targets
    }
    if let name = version.environmentName { await names.remember(.environment, id: id, name: name) }
    var located = targets
    located.environmentID = id
    return located
  }

  /// The targets with the APIs of the group that is meant.
  ///
  /// - Throws: what the gateway answers: without them nobody could tell what ran before.
  func withMembers(_ targets: ChangeTargets) async throws -> ChangeTargets {
    let asked = recorder.currentTime
    guard let groupID = targets.groupID, targets.apiIDs.isEmpty else { return targets }
    let apis = try await members(of: groupID)
    sightings.note(apis.filter { $0.id.map { sightings[$0] == nil } ?? false }, time: asked)
    var complete = targets
    complete.apiIDs = apis.compactMap(\.id)
    return complete
  }

  /// - Throws: what the gateway answers.
  func members(of groupID: String) async throws -> [API] {
    var list = ListAPIs()
    list.groupID = groupID
    return try await gateway.all(list).items
  }

  /// The APIs that someone else has changed since the run saw them.
  ///
  /// What was seen a moment ago is not looked at again; changes that come together look together.
  func foreignChanges(of targets: ChangeTargets) async throws -> [ForeignChange] {
    guard let environmentID = targets.environmentID else { return [] }
    let now = recorder.currentTime
    let stale = targets.apiIDs.filter { isStale($0, at: now) }
    guard !stale.isEmpty else { return [] }
    let seen = try await lookTogether(at: stale)
    let takesDraft =
      targets.operation != Offline.descriptor.name && !targets.takesOffline
      && targets.operation != SwitchVersion.descriptor.name
    var foreign: [ForeignChange] = []
    for apiID in stale {
      // One that is gone is the gateway's to report.
      guard let api = seen[apiID] else { continue }
      let sighting = Sightings.Sighting(api, time: now)
      if let reason = sightings.foreignChange(apiID, in: environmentID, now: sighting, takesDraft: takesDraft) {
        foreign.append(ForeignChange(apiID: apiID, name: api.name, reason: reason))
      }
    }
    let untouched = Set(stale).subtracting(foreign.map(\.apiID))
    sightings.note(untouched.compactMap { seen[$0] }, time: now)
    return foreign
  }

  /// Whether the run saw it, and long ago.
  private func isStale(_ apiID: String, at now: Timestamp) -> Bool {
    guard let sighting = sightings[apiID] else { return false }
    return sighting.time.map { $0.seconds(until: now) > configuration.freshness / .seconds(1) } ?? true
  }

  /// APIs to look at together, as soon as nobody looks.
  struct GatheredLook: Sendable {
    var apiIDs: Set<String> = []
    let task: Task<[String: API], any Error>
  }

  /// Looks with all others that want to look before it is their turn: alone, each of many changes at once would cost a
  /// request before its own.
  private func lookTogether(at apiIDs: [String]) async throws -> [String: API] {
    let earlier = lookUnderWay
    var look =
      gatheredLook
      ?? GatheredLook(
        task: Task {
          _ = await earlier?.result
          return try await carryOutGatheredLook()
        })
    look.apiIDs.formUnion(apiIDs)
    gatheredLook = look
    return try await look.task.value
  }

  private func carryOutGatheredLook() async throws -> [String: API] {
    guard let look = gatheredLook else { return [:] }
    lookUnderWay = look.task
    gatheredLook = nil
    // The pages of the look before may have shown some of them.
    let now = recorder.currentTime
    return try await self.look(at: look.apiIDs.filter { isStale($0, at: now) }.sorted())
  }

  /// APIs as lists give them, by ID, in few requests. What pages show to be as it was seen counts as seen now.
  func look(at apiIDs: [String]) async throws -> [String: API] {
    var items: [API] = []
    let groups = Set(apiIDs.map { sightings[$0]?.groupID })
    let groupID = groups.count == 1 ? groups.first ?? nil : nil
    let pages = (sightings.count(inGroup: groupID) + maximumPageSize - 1) / maximumPageSize
    if apiIDs.count > 3, apiIDs.count >= pages {
      var list = ListAPIs()
      list.groupID = groupID
      let asked = recorder.currentTime
      items = try await gateway.all(list).items
      sightings.confirm(items, time: asked)
    } else {
      for apiID in apiIDs {
        var list = ListAPIs()
        list.id = apiID
        items += try await gateway.all(list).items
      }
    }
    return Dictionary(items.compactMap { api in api.id.map { ($0, api) } }, uniquingKeysWith: { _, last in last })
  }

  /// Reads what ran before the run changes it: for few APIs the version itself, for many since when it is published. What
  /// a list has just shown to be unpublished needs no request.
  func readVersions(before targets: ChangeTargets) async {
    let now = recorder.currentTime
    var unread = targets.apiIDs.filter { ledger.firstSeen($0, in: targets.environmentID) == nil }
    if let environmentID = targets.environmentID {
      let unpublished = unread.filter {
        sightings[$0]?.publishing(in: environmentID) == Sightings.Publishing.none && !isStale($0, at: now)
      }
      for apiID in unpublished { ledger.setBefore(apiID, in: environmentID, .none) }
      if !unpublished.isEmpty { unread = unread.filter { ledger.firstSeen($0, in: environmentID) == nil } }
    }
    let budget = max(0, configuration.maximumVersionReads - versionReads)
    guard unread.count <= budget else {
      if configuration.maximumVersionReads > 0 { await readPublishTimes(of: unread, in: targets.environmentID) }
      return
    }
    versionReads += unread.count
    await withTaskGroup(of: (String, [APIVersion]?).self) { group in
      for apiID in unread {
        // What cannot be read is reported as not read; whether the change works is the gateway's answer to give.
        group.addTask { (apiID, try? await self.history(of: apiID, in: targets.environmentID)) }
      }
      for await (apiID, history) in group {
        guard let history else { continue }
        let environmentID = targets.environmentID ?? history.first { $0.versionID == targets.versionID }?.environmentID
        let effective = history.first { $0.isEffective && $0.environmentID == environmentID }
        ledger.setBefore(apiID, in: environmentID, RunningVersion(effective))
      }
    }
  }

  private func readPublishTimes(of apiIDs: [String], in environmentID: String?) async {
    guard let environmentID else { return }
    let unseen = apiIDs.filter { sightings[$0] == nil }
    if !unseen.isEmpty, let seen = try? await look(at: unseen) {
      sightings.note(unseen.compactMap { seen[$0] }, time: recorder.currentTime)
    }
    for apiID in apiIDs {
      guard let sighting = sightings[apiID] else { continue }
      switch sighting.publishing(in: environmentID) {
      case .none: ledger.setBefore(apiID, in: environmentID, .none)
      case .published, .uncertain:
        let since = sighting.publishTimes[environmentID]
        ledger.setBefore(apiID, in: environmentID, since.map { .published(since: $0) } ?? .notRead)
      }
    }
  }
}

extension GatewayError {
  init(foreignChange reason: String, of api: String, by operation: String) {
    self.init(
      kind: .conflict, message: "\(api) was changed by someone else: \(reason)",
      hint: "nothing was sent for it; look at it and run again", operation: operation, api: api)
  }
}

extension BatchFailure {
  init(foreignChange reason: String, of apiID: String, name: String?) {
    self.init(
      document: [
        "api_id": .string(apiID), "api_name": name.map(Document.string) ?? .null,
        "error_msg": .string("changed by someone else: \(reason)"),
      ])
  }
}
