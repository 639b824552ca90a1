internal import Foundation
internal import GatewayAPI
internal import PlaybookPackages
internal import ReleaseEngine

/// What an organisation's policy says to the changes of a run, whoever makes them. An undo is none of its business, nor
/// is what an earlier process of the run was let through with.
struct PolicyReview: Sendable {
  private let policy: OrganisationPolicy
  private let isTimed: Bool
  /// The APIs that the run changes, by gateway and ID.
  private var changed: Set<[String]> = []

  /// - Parameter isTimed: whether the time matters; not to a plan, which is carried out at another.
  init(_ policy: OrganisationPolicy, isTimed: Bool) {
    self.policy = policy
    self.isTimed = isTimed
  }

  /// Whether it has anything to say to changes beyond their kind.
  var isNeeded: Bool {
    !policy.environments.isEmpty || !policy.groups.isEmpty || !policy.hours.isEmpty || policy.maximumAPIs != nil
  }

  /// - Parameters:
  ///   - environment: the gateway's own name for it; nil for a change that no environment runs.
  /// - Throws: ``GatewayError`` of kind `refused`; what finding out about APIs throws.
  mutating func review(
    _ change: PendingChange, in environment: String?, on gateway: String, _ names: NameDirectory
  ) async throws {
    guard !change.isReplayed else { return try await count(change, on: gateway, names) }
    if let environment, !policy.allowsChanges(inEnvironment: environment) {
      throw Self.refusal("changes of \(environment)")
    }
    if isTimed, !policy.allowsChanges(at: Date()) {
      let hours = policy.hours.map { $0.map(\.description).joined(separator: " or ") }.joined(separator: ", and ")
      throw Self.refusal("changes at this time", hint: "it allows them \(hours)")
    }
    if !change.isRelease { try refuseBeyond(change) }
    guard !policy.groups.isEmpty || policy.maximumAPIs != nil else { return }
    let apis = try await names.listed(change.apiIDs, orAllOf: change.groupID)
    var groups = Set(apis.map(\.group))
    for id in change.editedGroupIDs { groups.insert(try await names.groupName(id: id) ?? id) }
    for group in groups.sorted() where !policy.allowsChanges(inGroup: group) {
      throw Self.refusal("changes of APIs of the group \(group)")
    }
    guard let maximum = policy.maximumAPIs else { return }
    let all = changed.union(apis.map { [gateway, $0.id] })
    guard all.count <= maximum else {
      throw Self.refusal(
        "more than \(maximum) API\(maximum == 1 ? "" : "s") in one run",
        hint: "with this change there would be \(all.count); take fewer at a time")
    }
    changed = all
  }

  private mutating func count(_ change: PendingChange, on gateway: String, _ names: NameDirectory) async throws {
    guard policy.maximumAPIs != nil else { return }
    let ids = change.groupID == nil ? change.apiIDs : try await names.listed([], orAllOf: change.groupID).map(\.id)
    changed.formUnion(ids.map { [gateway, $0] })
  }

  /// Refuses edits that concern more than the environments and groups which the policy leaves.
  private func refuseBeyond(_ change: PendingChange) throws(GatewayError) {
    let isBeyond =
      if change.operation.hasSuffix("_env") {
        !policy.environments.isEmpty || !policy.groups.isEmpty
      } else {
        !policy.groups.isEmpty && change.apiIDs.isEmpty && change.editedGroupIDs.isEmpty
      }
    guard isBeyond else { return }
    throw Self.refusal(
      change.operation, hint: "it names the environments or groups whose APIs may be changed, and this is about more")
  }

  private static func refusal(_ what: String, hint: String? = nil) -> GatewayError {
    GatewayError(
      kind: .refused, message: "the organisation's policy forbids \(what)",
      hint: [hint, "it is in /etc/apig-lua/policy.yaml, or in the user's policy.yaml"].compactMap(\.self).joined(
        separator: "; "))
  }
}
