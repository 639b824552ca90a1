internal import GatewayAPI

/// What the run saw of APIs, or did to them itself: by it a change by someone else is told.
struct Sightings: Sendable {
  /// What tells one publication of an API in an environment from the next.
  enum Publishing: Sendable, Hashable {
    case none
    case published(mark: String)
    /// The run changed it, and the answer did not say into what.
    case uncertain
  }

  struct Sighting: Sendable {
    var groupID: String?
    var draftUpdate: String?
    /// By environment ID; absent: not published there.
    var publishings: [String: Publishing] = [:]
    var publishTimes: [String: String] = [:]
    /// nil when it is from a journal, and old.
    var time: Timestamp?

    init(_ api: API, time: Timestamp?) {
      groupID = api.groupID
      draftUpdate = api.updateTime
      self.time = time
      for publishing in api.publishings {
        publishings[publishing.environmentID] =
          (publishing.publishID ?? publishing.publishTime).map { .published(mark: $0) } ?? .uncertain
        publishTimes[publishing.environmentID] = publishing.publishTime
      }
    }

    func publishing(in environmentID: String) -> Publishing { publishings[environmentID] ?? .none }
  }

  private var apis: [String: Sighting] = [:]

  subscript(_ apiID: String) -> Sighting? { apis[apiID] }

  /// - Parameter time: when the list was asked for; nil for what a journal tells.
  mutating func note(_ items: [API], time: Timestamp?) {
    for api in items {
      guard let id = api.id else { continue }
      // A list that was asked for before the run changed an API may not show the change.
      if let time, let seen = apis[id]?.time, seen > time { continue }
      apis[id] = Sighting(api, time: time)
    }
  }

  /// How many APIs of a group were seen; nil: of all groups.
  func count(inGroup groupID: String?) -> Int {
    guard let groupID else { return apis.count }
    return apis.values.count { $0.groupID == groupID }
  }

  /// What is as it was seen counts as seen now; of what is not, the change is still to be told.
  mutating func confirm(_ items: [API], time: Timestamp) {
    for api in items {
      guard let id = api.id, let seen = apis[id], seen.time.map({ $0 < time }) ?? true else { continue }
      let now = Sighting(api, time: time)
      let isSameDraft = seen.draftUpdate == nil || seen.draftUpdate == now.draftUpdate
      guard isSameDraft, seen.publishings == now.publishings, !seen.publishings.values.contains(.uncertain) else {
        continue
      }
      apis[id]?.time = time
    }
  }

  /// What the run itself made of an environment.
  mutating func note(_ publication: Publication, isOffline: Bool, in environmentID: String?, time: Timestamp?) {
    guard let id = publication.apiID, let environmentID = publication.environmentID ?? environmentID else { return }
    apis[id]?.publishings[environmentID] =
      isOffline ? Publishing.none : publication.publishID.map { .published(mark: $0) } ?? .uncertain
    apis[id]?.publishTimes[environmentID] = publication.publishTime
    if let time { apis[id]?.time = time }
  }

  /// The run changed it and cannot say into what.
  mutating func noteUncertainty(_ apiID: String, in environmentID: String?) {
    guard let environmentID else { return apis[apiID] = nil }
    apis[apiID]?.publishings[environmentID] = .uncertain
  }

  /// The run edited the draft.
  mutating func noteEdit(_ apiID: String) { apis[apiID]?.draftUpdate = nil }

  /// What became of an API since it was seen, other than by the run; nil when nothing did.
  ///
  /// - Parameter takesDraft: whether what is about to be done depends on the draft.
  func foreignChange(_ apiID: String, in environmentID: String, now: Sighting, takesDraft: Bool) -> String? {
    guard let seen = apis[apiID] else { return nil }
    if takesDraft, let then = seen.draftUpdate, let update = now.draftUpdate, then != update {
      return "its draft was edited at \(update)"
    }
    switch (seen.publishing(in: environmentID), now.publishing(in: environmentID)) {
    case (.uncertain, _), (_, .uncertain): return nil
    case (let then, let new) where then == new: return nil
    case (_, .none): return "it was taken offline"
    case (_, .published):
      return "it was published or switched" + (now.publishTimes[environmentID].map { " at \($0)" } ?? "")
    }
  }
}
