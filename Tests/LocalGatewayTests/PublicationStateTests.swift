import GatewayAPI
import Testing

@Suite struct PublicationStateTests {
  private func version(_ number: Int) -> PublicationState.Version {
    PublicationState.Version(id: "v\(number)", number: "\(number)")
  }

  @Test func publishingMakesTheNewestEffective() {
    var state = PublicationState()
    #expect(state.publish(version(1)).isEmpty)
    #expect(state.publish(version(2)).isEmpty)
    #expect(state.versions.map(\.id) == ["v2", "v1"])
    #expect(state.effectiveID == "v2")
  }

  @Test func tenAreKeptAndTheOldestGoes() {
    var state = PublicationState()
    for number in 1...10 { #expect(state.publish(version(number)).isEmpty) }
    #expect(state.publish(version(11)).map(\.id) == ["v1"])
    #expect(state.versions.count == 10)
  }

  @Test func theEffectiveOneNeverGoes() throws {
    var state = PublicationState()
    for number in 1...10 { _ = state.publish(version(number)) }
    try state.switchTo("v1", PublicationState.Rules())
    // Publishing makes the new one effective first, so that the oldest may go.
    #expect(state.publish(version(11)).map(\.id) == ["v1"])
    #expect(state.versions.contains { $0.id == state.effectiveID })
  }

  @Test func takingOfflineLeavesTheVersions() throws {
    var state = PublicationState()
    _ = state.publish(version(1))
    #expect(try state.takeOffline(PublicationState.Rules()) == "v1")
    #expect(state.effectiveID == nil && state.versions.count == 1)
    #expect(throws: PublicationState.Refusal.notPublished) { try state.takeOffline(PublicationState.Rules()) }
  }

  @Test func theRulesForWhatIsNotDocumentedCanBeFlipped() throws {
    var rules = PublicationState.Rules()
    rules.keepsHistoryAfterOffline = false
    var state = PublicationState()
    _ = state.publish(version(1))
    _ = try state.takeOffline(rules)
    #expect(state.versions.isEmpty)

    rules = PublicationState.Rules()
    rules.switchPublishesWhenOffline = false
    state = PublicationState(versions: [version(1)])
    #expect(throws: PublicationState.Refusal.notPublished) { try state.switchTo("v1", rules) }
    try state.switchTo("v1", PublicationState.Rules())
    #expect(state.effectiveID == "v1")
  }

  @Test func onlyAKeptVersionCanBeSwitchedTo() {
    var state = PublicationState(versions: [version(1)], effectiveID: "v1")
    #expect(throws: PublicationState.Refusal.unknownVersion) { try state.switchTo("v2", PublicationState.Rules()) }
  }
}
