internal import GatewayAPI

/// A change that a run is about to make, for who may forbid it.
public struct PendingChange: Sendable, Hashable {
  /// `publish`, `offline`, `switch_version`, or another operation that changes something; a batch is what it does.
  public let operation: String
  /// The APIs that it names; none when it does not say.
  public let apiIDs: [String]
  /// The group whose APIs it changes, all of them, without naming them.
  public let groupID: String?
  /// The version that it asks for.
  public let versionID: String?
  /// The environment whose APIs it changes; nil when it changes none, or none that can be found.
  public let environmentID: String?
  /// Whether it changes what an environment runs.
  public let isRelease: Bool
  /// The groups that an edit is about, beside those of its APIs: the one that it changes, or puts an API into.
  public let editedGroupIDs: [String]
  /// Whether the journal has it already: a run that goes on was let through with it before.
  public let isReplayed: Bool

  public var apiCount: Int { apiIDs.count }
}

extension ReleaseRun {
  /// Tells who may forbid it of a change.
  ///
  /// - Throws: what they throw: the change is not made.
  func announce(_ targets: ChangeTargets, isReplayed: Bool) async throws {
    guard let beforeChange = configuration.beforeChange else { return }
    try await beforeChange(
      PendingChange(
        operation: targets.action, apiIDs: targets.apiIDs, groupID: targets.apiIDs.isEmpty ? targets.groupID : nil,
        versionID: targets.versionID, environmentID: targets.environmentID, isRelease: targets.areReleased,
        editedGroupIDs: targets.editedGroupIDs, isReplayed: isReplayed), names)
  }
}
