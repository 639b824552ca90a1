internal import GatewayAPI

/// Changes, as the gateway would carry them out.
extension PlanningGateway {
  func plan(_ publish: Publish) async throws -> Publication {
    try await see([publish.apiID])
    return try await change(publish.apiID, in: publish.environmentID, .publish, remark: publish.remark)
  }

  func plan(_ offline: Offline) async throws -> Publication {
    try await see([offline.apiID])
    return try await change(offline.apiID, in: offline.environmentID, .offline, remark: offline.remark)
  }

  func plan(_ batch: Batch) async throws -> BatchResult {
    guard let action = batch.action else {
      throw GatewayError(kind: .usage, message: "'batch' needs 'action'")
    }
    let apiIDs = try await apiIDs(of: batch)
    try await see(apiIDs)
    guard try await environment(batch.environmentID) != nil else {
      let failure = GatewayError.expected(
        .environmentNotFound, "The environment does not exist,id:\(batch.environmentID)")
      for apiID in apiIDs {
        note(
          PlannedChange(
            action: action == .online ? .publish : .offline, apiID: apiID, apiName: name(of: apiID),
            environmentID: batch.environmentID, from: .none, to: .none, failure: failure, isUndo: false,
            place: CallOrigin.current.place))
      }
      throw failure
    }
    try await readHistories(of: apiIDs, in: batch.environmentID)
    var result = BatchResult()
    for apiID in apiIDs {
      do {
        result.success.append(
          try await change(
            apiID, in: batch.environmentID, action == .online ? .publish : .offline, remark: batch.remark))
      } catch let error as GatewayError {
        guard let code = error.code else { throw error }
        result.failure.append(
          BatchFailure(document: [
            "api_id": .string(apiID), "api_name": name(of: apiID).map(Document.string) ?? .null,
            "error_code": .string(code.rawValue), "error_msg": .string(error.message),
          ]))
      }
    }
    return result
  }

  func plan(_ change: SwitchVersion) async throws -> Publication {
    let apiID = change.apiID
    try await see([apiID])
    let environmentID = try await environmentID(ofVersion: change.versionID, apiID: apiID, given: change.environmentID)
    var state = try await state(of: apiID, in: environmentID)
    let from = state.effective
    let to = state.version(change.versionID)
    var planned = PlannedChange(
      action: .switchVersion, apiID: apiID, apiName: name(of: apiID), environmentID: environmentID,
      environmentName: state.environmentName, from: from, to: to, isUndo: RequestUrgency.current == .undo,
      place: CallOrigin.current.place)
    let time = time(for: apiID)
    do {
      if let failure = assumedFailure(of: apiID) { throw failure }
      // Nothing is awaited between reading the state and writing it.
      state = overlay[Key(apiID: apiID, environmentID: environmentID)] ?? state
      let publishID = plannedIDs.make("publication of \(name(of: apiID) ?? apiID)", apiID: apiID)
      do throws(PublicationState.Refusal) {
        try state.switchTo(change.versionID, publishID: publishID, time: time)
      } catch {
        throw error == .unknownVersion
          ? GatewayError.expected(.versionNotFound, "The API version does not exist,id:\(change.versionID)")
          : .notPublished(apiID)
      }
      overlay[Key(apiID: apiID, environmentID: environmentID)] = state
      note(planned)
      return publication(
        apiID, in: environmentID, versionID: change.versionID, publishID: publishID, time: time,
        remark: state.remark(of: change.versionID))
    } catch let error as GatewayError {
      planned.failure = error
      note(planned)
      throw error
    }
  }

  func plan(_ update: UpdateAPI) async throws -> APIDefinition {
    try await see([update.apiID])
    let current = try await draft(update.apiID)
    guard var members = current.document.objectValue, let definition = update.definition?.objectValue else {
      throw GatewayError(kind: .usage, message: "'update_api' needs 'definition'")
    }
    // Lists are searched by them, and it is the live gateway that searches.
    for name in ["name", "group_id"] where definition[name].map({ $0 != members[name] }) ?? false {
      throw CannotKnowUntilApply("what comes after another '\(name)' of an API", apiID: update.apiID)
    }
    members.merge(definition) { _, new in new }
    members["update_time"] = .string(time(for: update.apiID))
    let draft = APIDefinition(document: .object(members))
    drafts[update.apiID] = draft
    note(
      PlannedOtherChange(
        operation: UpdateAPI.descriptor.name, apiID: update.apiID, apiName: name(of: update.apiID),
        digest: ContentDigest.hex(Document.object(update.values).json), draftUpdate: seen[update.apiID]?.updateTime,
        place: CallOrigin.current.place))
    return draft
  }

  // MARK: - One API

  private func change(
    _ apiID: String, in environmentID: String, _ action: PlannedChange.Action, remark: String?
  ) async throws -> Publication {
    let key = Key(apiID: apiID, environmentID: environmentID)
    var planned = PlannedChange(
      action: action, apiID: apiID, apiName: name(of: apiID), environmentID: environmentID, from: .none, to: .none,
      isUndo: RequestUrgency.current == .undo, place: CallOrigin.current.place)
    do {
      let read = try await state(of: apiID, in: environmentID)
      // Nothing is awaited between reading the state and writing it.
      var state = overlay[key] ?? read
      planned.environmentName = state.environmentName
      planned = planned.changing(from: state.effective, to: action == .offline ? .none : state.effective)
      if let failure = assumedFailure(of: apiID) { throw failure }
      let time = time(for: apiID)
      let publication: Publication
      if action == .offline {
        do { try state.takeOffline() } catch { throw GatewayError.notPublished(apiID) }
        publication = Publication(document: [
          "api_id": .string(apiID), "api_name": name(of: apiID).map(Document.string) ?? .null,
          "env_id": .string(environmentID), "remark": .string(remark ?? ""),
        ])
      } else {
        let made = publish(apiID, in: environmentID, state.environmentName, remark: remark, time: time)
        planned = planned.changing(from: planned.from, to: .made(id: made.versionID))
        planned.drops = state.publish(made.record, publishID: made.publishID)
        publication = self.publication(
          apiID, in: environmentID, versionID: made.versionID, publishID: made.publishID, time: time, remark: remark)
      }
      overlay[key] = state
      note(planned)
      return publication
    } catch let error as GatewayError {
      planned.failure = error
      note(planned)
      throw error
    }
  }

  /// A version that exists only after apply.
  private func publish(
    _ apiID: String, in environmentID: String, _ environmentName: String?, remark: String?, time: String
  ) -> (versionID: String, publishID: String, record: APIVersion) {
    let name = name(of: apiID) ?? apiID
    let versionID = plannedIDs.make("version of \(name)", apiID: apiID)
    frozenDrafts[versionID] = drafts[apiID]
    let record = APIVersion(document: [
      "version_id": .string(versionID),
      // The number stands for the version as well as its ID does, and there is no way to tell it yet.
      "version_no": .string(versionID),
      "api_id": .string(apiID), "env_id": .string(environmentID),
      "env_name": environmentName.map(Document.string) ?? .null, "remark": .string(remark ?? ""),
      "publish_time": .string(time), "status": 1,
    ])
    return (versionID, plannedIDs.make("publication of \(name)", apiID: apiID), record)
  }

  private func publication(
    _ apiID: String, in environmentID: String, versionID: String, publishID: String, time: String, remark: String?
  ) -> Publication {
    Publication(document: [
      "publish_id": .string(publishID), "api_id": .string(apiID),
      "api_name": name(of: apiID).map(Document.string) ?? .null, "env_id": .string(environmentID),
      "remark": .string(remark ?? ""), "publish_time": .string(time), "version_id": .string(versionID),
    ])
  }

  // MARK: - Targets

  /// The environment that a version belongs to.
  private func environmentID(ofVersion versionID: String, apiID: String, given: String?) async throws -> String {
    if let key = overlay.first(where: { $0.key.apiID == apiID && $0.value.keeps(versionID) })?.key {
      return key.environmentID
    }
    let history = try await history(of: apiID, in: given)
    if let environmentID = history.first(where: { $0.versionID == versionID })?.environmentID {
      return environmentID
    }
    let error = GatewayError.expected(.versionNotFound, "The API version does not exist,id:\(versionID)")
    note(
      PlannedChange(
        action: .switchVersion, apiID: apiID, apiName: name(of: apiID), environmentID: given, from: .none, to: .none,
        failure: error, isUndo: false, place: CallOrigin.current.place))
    throw error
  }

  private func apiIDs(of batch: Batch) async throws -> [String] {
    if let listed = batch.apiIDs {
      var seen: Set<String> = []
      return listed.filter { seen.insert($0).inserted }
    }
    var list = ListAPIs()
    list.groupID = batch.groupID
    let members = try await live.all(list).items
    note(members)
    return members.compactMap(\.id)
  }

  /// The histories of many, all at once; one that cannot be read is its own change's failure.
  private func readHistories(of apiIDs: [String], in environmentID: String) async throws {
    let unread = apiIDs.filter { overlay[Key(apiID: $0, environmentID: environmentID)] == nil }
    await withTaskGroup(of: Void.self) { group in
      for apiID in unread {
        group.addTask { _ = try? await self.state(of: apiID, in: environmentID) }
      }
    }
    try Task.checkCancellation()
  }
}

extension GatewayError {
  /// What the gateway is to be expected to answer.
  static func expected(_ code: GatewayErrorCode, _ message: String) -> GatewayError {
    GatewayError(kind: Kind(code: code, status: 404), code: code, message: message)
  }

  static func notPublished(_ apiID: String) -> GatewayError {
    expected(.publicationNotFound, "The API publication record does not exist,api:\(apiID)")
  }
}

extension PlannedChange {
  func changing(from: PlannedVersion, to: PlannedVersion) -> PlannedChange {
    PlannedChange(
      action: action, apiID: apiID, apiName: apiName, environmentID: environmentID, environmentName: environmentName,
      from: from, to: to, drops: drops, failure: failure, isUndo: isUndo, place: place)
  }
}
