internal import GatewayAPI
internal import JointTasks
internal import Synchronization

/// Concurrent publishes, or offlines, of one environment and remark that wait for their turn go out as one batch:
/// requests are the scarce thing.
final class WriteJoiner: Sendable {
  /// What publishes must have in common.
  struct Kind: Hashable, Sendable {
    let action: Batch.Action
    let environmentID: String
    let remark: String?
    let urgency: RequestUrgency
  }

  typealias Group = JointTask<String, [String: Result<Publication, GatewayError>]>

  private let state = Mutex<[Kind: Group]>([:])

  /// Publishes one API, or takes it offline, in company where there is any.
  ///
  /// - Parameter send: carries out a group: takes its members with `JointTask.carry()` when their turn has come.
  /// - Throws: `GatewayError`; `CancellationError`.
  func publication(
    of apiID: String, _ kind: Kind,
    _ send: @escaping @Sendable (Group) async throws -> [String: Result<Publication, GatewayError>]
  ) async throws -> Publication {
    let (group, ticket) = state.withLock { groups -> (Group, Group.Ticket?) in
      if let group = groups[kind], let ticket = group.join(apiID) { return (group, ticket) }
      let group = Group(maximumMembers: Batch.maximumCount)
      let ticket = group.join(apiID)
      groups[kind] = group
      group.start { group in
        defer { self.forget(group, kind) }
        try await Self.gather(group)
        return try await send(group)
      }
      return (group, ticket)
    }
    guard let ticket else { throw CancellationError() }
    let results = try await group.value(ticket)
    guard let result = results[apiID] else {
      throw GatewayError(
        kind: .unknownOutcome, message: "the batch's answer does not mention \(apiID)",
        hint: "look at its history before you send it again")
    }
    return try result.get()
  }

  /// Waits a millisecond for company, and once there is some until none has come for a while: what many tasks ask for at
  /// once arrives in bursts, for their intents share commits of the journal.
  private static func gather(_ group: Group) async throws {
    let longest = ContinuousClock.now + .milliseconds(150)
    var count = group.count
    while true {
      try await Task.sleep(for: count > 1 ? .milliseconds(8) : .milliseconds(1))
      let isQuiet = group.count == count
      count = group.count
      if isQuiet || count >= Batch.maximumCount || ContinuousClock.now >= longest { return }
    }
  }

  private func forget(_ group: Group, _ kind: Kind) {
    state.withLock { if $0[kind] === group { $0[kind] = nil } }
  }
}
