import GatewayAPI
import GatewayClient
import LocalGateway
import ReleaseEngine
import Testing

/// What a run asks before a change: little, and not too little.
@Suite(.timeLimit(.minutes(5))) struct LookingTests {
  private struct Seen {
    let gateway: ScriptHarness
    let apiIDs: [String]
    let environmentID: String

    func publish(_ apiID: String) -> Publish { Publish(apiID: apiID, environmentID: environmentID) }
  }

  /// A run that has seen the demo's APIs, none of which is published in TEST.
  private func withSeenAPIs(
    faults: [String] = [], configure: (inout ReleaseRun.Configuration) -> Void = { _ in },
    _ body: @escaping @Sendable (Seen) async throws -> Void
  ) async throws {
    var configuration = ReleaseRun.Configuration()
    configure(&configuration)
    try await ScriptHarness.with(
      gateway: { $0.faults = try faults.map { try FaultRule($0) } }, client: { $0.joinsWrites = false },
      run: configuration
    ) { gateway in
      let environmentID = try await gateway.run.names.id(of: .environment, named: "TEST")
      let apis = try await gateway.run.all(ListAPIs()).items
      #expect(apis.count > 5 && !apis.contains { $0.publishings.contains { $0.environmentID == environmentID } })
      try await body(Seen(gateway: gateway, apiIDs: apis.compactMap(\.id), environmentID: environmentID))
    }
  }

  private func requests(_ gateway: ScriptHarness, of body: () async throws -> Void) async throws -> Int {
    let before = gateway.client.statistics.requests
    try await body()
    return gateway.client.statistics.requests - before
  }

  @Test func whatAListShowsToBeUnpublishedNeedsNoRequestOfItsOwn() async throws {
    try await withSeenAPIs { seen in
      let sent = try await requests(seen.gateway) {
        _ = try await seen.gateway.run.perform(seen.publish(seen.apiIDs[0]))
      }
      #expect(sent == 1)
      let change = try #require(await seen.gateway.run.changes.apis.first)
      #expect(change.before == .none && change.state == .changed)
      let report = try await seen.gateway.run.undo(.wholeRun)
      let history = try await seen.gateway.client.all(
        History(apiID: seen.apiIDs[0], environmentID: seen.environmentID)
      ).items
      #expect(report.isComplete && !history.contains(where: \.isEffective))
    }
  }

  /// The first look takes long enough for the others to gather.
  @Test func changesThatComeTogetherLookTogether() async throws {
    try await withSeenAPIs(
      faults: ["apis: latency=500ms"],
      configure: {
        $0.freshness = .seconds(-1)
        $0.maximumVersionReads = 0
      }
    ) { seen in
      let sent = try await requests(seen.gateway) {
        try await withThrowingTaskGroup(of: Void.self) { group in
          for apiID in seen.apiIDs {
            group.addTask { _ = try await seen.gateway.run.perform(seen.publish(apiID)) }
          }
          try await group.waitForAll()
        }
      }
      #expect(sent < 2 * seen.apiIDs.count)
      let states = await seen.gateway.run.changes.apis.map(\.state)
      #expect(states == states.map { _ in .changed } && states.count == seen.apiIDs.count)
    }
  }

  @Test func ofTheChangesThatLookTogetherOnlyTheForeignOneIsRefused() async throws {
    try await withSeenAPIs(configure: { $0.freshness = .seconds(-1) }) { seen in
      let foreign = seen.apiIDs[1]
      _ = try await seen.gateway.client.perform(seen.publish(foreign))
      let refused = await withTaskGroup(of: String?.self) { group in
        for apiID in seen.apiIDs {
          group.addTask {
            do {
              _ = try await seen.gateway.run.perform(seen.publish(apiID))
              return nil
            } catch { return "\(apiID): \(error)" }
          }
        }
        return await group.reduce(into: [String]()) { if let text = $1 { $0.append(text) } }
      }
      #expect(refused.count == 1)
      #expect(refused.first?.hasPrefix(foreign) == true && refused.first?.contains("changed by someone else") == true)
    }
  }

  /// A page shows more than what was looked for: what is not as the run saw it must stay so.
  @Test func aLookHidesNoForeignChange() async throws {
    try await withSeenAPIs(configure: { $0.freshness = .milliseconds(1) }) { seen in
      let foreign = seen.apiIDs[0]
      _ = try await seen.gateway.client.perform(seen.publish(foreign))
      _ = try await seen.gateway.run.perform(
        Batch(action: .online, apiIDs: Array(seen.apiIDs[1...]), environmentID: seen.environmentID))
      let error = await #expect(throws: GatewayError.self) { try await seen.gateway.run.perform(seen.publish(foreign)) }
      #expect(error?.kind == .conflict)
    }
  }
}
