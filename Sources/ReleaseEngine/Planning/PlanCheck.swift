public import GatewayAPI

/// Looks again at what a plan rests on.
///
/// Costs the list of environments, list pages of 500 APIs, and a history for each API whose publication moved or whose
/// list entry does not tell; up to three APIs are asked for one by one.
public struct PlanCheck: Sendable {
  private let plan: ReleasePlan
  private let gateway: any Gateway

  public init(_ plan: ReleasePlan, on gateway: any Gateway) {
    self.plan = plan
    self.gateway = gateway
  }

  /// What moved since, one sentence each without a full stop; empty when nothing did.
  ///
  /// - Throws: `GatewayError` when the gateway cannot be asked.
  public func findings() async throws -> [String] {
    guard !wanted.isEmpty else { return [] }
    var findings: [String] = []
    let environments = plan.reads.isEmpty ? [] : try await gateway.all(ListEnvironments()).items
    var gone: Set<String> = []
    for read in plan.reads where !environments.contains(where: { $0.id == read.environmentID }) {
      guard gone.insert(read.environmentID).inserted else { continue }
      findings.append("the environment \(read.environmentName ?? read.environmentID) no longer exists")
    }
    let apis = try await apis()
    for read in plan.reads where !gone.contains(read.environmentID) {
      guard let api = apis[read.apiID] else {
        findings.append("\(read.title) no longer exists")
        continue
      }
      if let draftUpdate = read.draftUpdate, api.updateTime != draftUpdate {
        findings.append("the draft of \(read.title) was edited at \(api.updateTime ?? "a time that is not told")")
      }
      findings += try await publicationFindings(read, api)
    }
    for (apiID, edit) in edits.sorted(by: { $0.key < $1.key }) {
      let title = edit.apiName ?? apiID
      guard let api = apis[apiID] else {
        findings.append("\(title) no longer exists")
        continue
      }
      guard api.updateTime != edit.draftUpdate else { continue }
      findings.append("the draft of \(title) was edited at \(api.updateTime ?? "a time that is not told")")
    }
    return findings
  }

  /// What edits drafts of which nothing else is looked at, by API: the first of each, which took the draft as it was.
  private var edits: [String: PlannedOtherChange] {
    let read = Set(plan.reads.filter { $0.draftUpdate != nil }.map(\.apiID))
    var edits: [String: PlannedOtherChange] = [:]
    for change in plan.otherChanges where change.draftUpdate != nil {
      guard let apiID = change.apiID, !read.contains(apiID), edits[apiID] == nil else { continue }
      edits[apiID] = change
    }
    return edits
  }

  private var wanted: Set<String> { Set(plan.reads.map(\.apiID)).union(edits.keys) }

  private func apis() async throws -> [String: API] {
    var found: [String: API] = [:]
    let wanted = wanted
    if wanted.count <= 3 {
      for apiID in wanted.sorted() {
        var list = ListAPIs()
        list.id = apiID
        for api in try await gateway.all(list).items { found[api.id ?? ""] = api }
      }
      return found
    }
    let groups = Set(plan.reads.map(\.groupID))
    if groups.count <= 3, !groups.contains(nil) {
      for group in groups.compactMap(\.self).sorted() {
        var list = ListAPIs()
        list.groupID = group
        do {
          for api in try await gateway.all(list).items { found[api.id ?? ""] = api }
        } catch let error as GatewayError where error.kind == .notFound {
          // Its APIs went with it, or elsewhere: the one is told of each, the other is no change of them.
          continue
        }
      }
      if wanted.allSatisfy({ found[$0] != nil }) { return found }
    }
    for api in try await gateway.all(ListAPIs()).items { found[api.id ?? ""] = api }
    return found
  }

  private func publicationFindings(_ read: PlannedRead, _ api: API) async throws -> [String] {
    let publishing = api.publishing(in: read.environmentID)
    // A publication that is still the same has kept its history; without one, versions may have come and gone.
    if let publishID = read.publishID, publishing?.publishID == publishID { return [] }
    if read.effectiveID == nil, publishing == nil, read.neededVersions.isEmpty { return [] }
    let history = try await gateway.all(History(apiID: read.apiID, environmentID: read.environmentID)).items
    let effective = history.first { $0.isEffective }
    var findings: [String] = []
    let place = read.environmentName ?? read.environmentID
    if effective?.versionID != read.effectiveID {
      let was = read.effectiveNumber ?? read.effectiveID
      switch (effective, was) {
      case (nil, _): findings.append("\(read.title) was taken off \(place)")
      case (let now?, nil): findings.append("\(read.title) was published to \(place): \(now.title)")
      case (let now?, let was?):
        findings.append("the version in effect of \(read.title) in \(place) is now \(now.title), it was \(was)")
      }
    } else if let publishID = read.publishID, let now = publishing?.publishID, publishID != now {
      findings.append("\(read.title) was published or switched in \(place) and back")
    }
    let kept = Set(history.compactMap(\.versionID))
    for version in read.neededVersions where !kept.contains(version) {
      findings.append("\(place) no longer keeps the version \(version) of \(read.title), which the plan switches to")
    }
    return findings
  }
}

extension PlannedRead {
  fileprivate var title: String { apiName ?? apiID }
}

extension APIVersion {
  fileprivate var title: String {
    [versionNumber ?? versionID, publishTime.map { "published \($0)" }].compactMap(\.self).joined(separator: ", ")
  }
}
