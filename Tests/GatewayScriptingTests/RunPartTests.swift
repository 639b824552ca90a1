import GatewayAPI
import GatewayClient
import ReleaseEngine
import Testing

/// Runs in parts, between which others may change what the run has changed.
@Suite(.timeLimit(.minutes(5))) struct RunPartTests {
  /// A run's two parts that each publish an API, and what someone else published between them.
  private struct Parts {
    let gateway: ScriptHarness
    let first: UndoScope
    let second: UndoScope
    let foreign: String?
    let apiID: String
    let environmentID: String

    /// What the environment runs.
    var running: String? {
      get async throws {
        try await gateway.client.all(History(apiID: apiID, environmentID: environmentID)).items
          .first(where: \.isEffective)?.versionID
      }
    }
  }

  private func withParts(_ body: @escaping @Sendable (Parts) async throws -> Void) async throws {
    let configuration = ReleaseRun.Configuration()
    let scopes = configuration.scopes
    try await ScriptHarness.with(run: configuration) { gateway in
      let apiID = try await gateway.run.names.id(of: .api, named: "pay-create")
      let environmentID = try await gateway.run.names.id(of: .environment, named: "TEST")
      let publish = Publish(apiID: apiID, environmentID: environmentID)
      let first = scopes.mark()
      _ = try await gateway.run.perform(publish)
      let firstPart = scopes.ended(first)
      #expect(await gateway.run.endPart())
      let foreign = try await gateway.client.perform(publish).versionID
      let second = scopes.mark()
      _ = try await gateway.run.perform(publish)
      let parts = Parts(
        gateway: gateway, first: firstPart, second: scopes.ended(second), foreign: foreign, apiID: apiID,
        environmentID: environmentID)
      #expect(foreign != nil)
      #expect(await gateway.run.endPart())
      try await body(parts)
    }
  }

  @Test func aPartPutsBackWhatSomeoneElsePublishedBeforeIt() async throws {
    try await withParts { (parts) async throws in
      #expect(await parts.gateway.run.standing(in: parts.second).count == 1)
      let report = try await parts.gateway.run.undo(parts.second)
      let running = try await parts.running
      #expect(report.isComplete && running == parts.foreign)
      #expect(await parts.gateway.run.standing(in: parts.second).isEmpty)
      // What the first part made does not run any more: it is not the run's to throw away what does.
      let earlier = try await parts.gateway.run.undo(parts.first)
      let still = try await parts.running
      #expect(!earlier.isComplete && still == parts.foreign)
    }
  }

  @Test func theWholeRunStepsOverNobodyElsesVersion() async throws {
    try await withParts { (parts) async throws in
      _ = try await parts.gateway.run.undo(.wholeRun)
      let running = try await parts.running
      #expect(running == parts.foreign)
    }
  }

  @Test func aPartHoldsNothingOfALaterOne() async throws {
    try await withParts { (parts) async throws in
      let first = await parts.gateway.run.standing(in: parts.first)
      let second = await parts.gateway.run.standing(in: parts.second)
      #expect(first.count == 1 && second.count == 1 && first.first?.after != second.first?.after)
      #expect(second.first?.before.id == parts.foreign)
    }
  }
}
